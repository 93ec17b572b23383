using Microsoft.Extensions.Time.Testing;
using Netabase.Multiformats;
using Netabase.Transport.DnsAddr;

namespace Netabase.Transport.Specs.DnsAddr;

/// <summary>multiformats/multiaddr protocols/DNSADDR.md, over name servers that the spec writes.</summary>
public sealed class DnsAddressResolverSpecs
{
    private const string Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string Other = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

    [Fact]
    public async Task An_address_without_dnsaddr_stands_for_itself_and_nobody_is_asked()
    {
        var names = new Names();
        Assert.Equal(["/dns4/a.example/tcp/1/ws"], await Resolve(names, "/dns4/a.example/tcp/1/ws"));
        Assert.Empty(names.Asked);
    }

    [Fact]
    public async Task Names_are_followed_and_only_what_leads_to_the_wanted_peer_is_kept()
    {
        var names = new Names
        {
            ["_dnsaddr.a.example"] = [$"dnsaddr=/dnsaddr/b.example/p2p/{Peer}", $"dnsaddr=/ip4/192.0.2.9/tcp/1/p2p/{Other}", "v=spf1", "dnsaddr=nonsense"],
            ["_dnsaddr.b.example"] = [$"dnsaddr=/ip4/192.0.2.1/tcp/4001/p2p/{Peer}", $"dnsaddr=/ip4/192.0.2.1/tcp/4001/p2p/{Peer}", "dnsaddr=/ip4/192.0.2.1/tcp/4001"],
        };
        Assert.Equal([$"/ip4/192.0.2.1/tcp/4001/p2p/{Peer}"], await Resolve(names, $"/dnsaddr/a.example/p2p/{Peer}"));
        Assert.Equal(["_dnsaddr.a.example", "_dnsaddr.b.example"], names.Asked);
        Assert.Equal(2, (await Resolve(names, "/dnsaddr/a.example")).Count);
    }

    [Fact]
    public async Task Names_that_lead_in_a_circle_or_ever_deeper_come_to_an_end()
    {
        var circle = new Names { ["_dnsaddr.a"] = ["dnsaddr=/dnsaddr/b"], ["_dnsaddr.b"] = ["dnsaddr=/dnsaddr/a"] };
        Assert.Empty(await Resolve(circle, "/dnsaddr/a"));
        Assert.Equal(2, circle.Asked.Count);

        var endless = new Names { Otherwise = name => [$"dnsaddr=/dnsaddr/x{name[9..]}"] };
        Assert.Empty(await Resolve(endless, "/dnsaddr/a"));
        Assert.Equal(32, endless.Asked.Count);

        var bomb = new Names { Otherwise = name => [.. Enumerable.Range(0, 50).Select(n => $"dnsaddr=/dnsaddr/{n}.{name[9..]}")] };
        Assert.Empty(await Resolve(bomb, "/dnsaddr/a"));
        Assert.Equal(64, bomb.Asked.Count);
    }

    [Fact]
    public async Task Results_are_bounded()
    {
        var names = new Names { ["_dnsaddr.a"] = [.. Enumerable.Range(1, 200).Select(port => $"dnsaddr=/ip4/192.0.2.1/tcp/{port}")] };
        Assert.Equal(100, (await Resolve(names, "/dnsaddr/a")).Count);
    }

    [Fact]
    public async Task A_failing_name_server_counts_only_when_nothing_was_found()
    {
        var names = new Names { ["_dnsaddr.a"] = ["dnsaddr=/dnsaddr/broken", "dnsaddr=/ip4/192.0.2.1/tcp/1"], ["_dnsaddr.only"] = ["dnsaddr=/dnsaddr/broken"] };
        names.Broken = "_dnsaddr.broken";
        Assert.Equal(["/ip4/192.0.2.1/tcp/1"], await Resolve(names, "/dnsaddr/a"));
        var failure = await Assert.ThrowsAsync<TransportException>(() => Resolve(names, "/dnsaddr/only"));
        Assert.Equal(TransportError.Unreachable, failure.Error);
    }

    [Fact]
    public async Task A_silent_name_server_is_left_at_the_deadline_and_a_caller_who_leaves_is_obeyed()
    {
        var time = new FakeTimeProvider();
        var resolver = new DnsAddressResolver(new Silence(), time: time);
        var late = resolver.ResolveAsync(Multiaddr.Parse("/dnsaddr/a"), default).AsTask();
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(TransportError.TimedOut, (await Assert.ThrowsAsync<TransportException>(() => late)).Error);

        using var leaving = new CancellationTokenSource();
        var left = resolver.ResolveAsync(Multiaddr.Parse("/dnsaddr/a"), leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
    }

    private static async Task<List<string>> Resolve(Names names, string address) =>
        [.. (await new DnsAddressResolver(names).ResolveAsync(Multiaddr.Parse(address), default)).Select(found => found.ToString())];

    private sealed class Names : ITextLookup
    {
        private readonly Dictionary<string, string[]> _texts = [];

        public List<string> Asked { get; } = [];

        public string? Broken { get; set; }

        public Func<string, string[]> Otherwise { get; init; } = _ => [];

        public string[] this[string name]
        {
            set => _texts[name] = value;
        }

        public ValueTask<IReadOnlyList<string>> FindAsync(string name, CancellationToken cancellation)
        {
            Asked.Add(name);
            if (name == Broken) throw new TransportException(TransportError.Unreachable, "broken");
            return ValueTask.FromResult<IReadOnlyList<string>>(_texts.TryGetValue(name, out var texts) ? texts : Otherwise(name));
        }
    }

    private sealed class Silence : ITextLookup
    {
        public async ValueTask<IReadOnlyList<string>> FindAsync(string name, CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return [];
        }
    }
}
