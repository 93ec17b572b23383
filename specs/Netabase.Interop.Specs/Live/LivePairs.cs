using System.Collections.Concurrent;
using Netabase.Interop.Node;
using Netabase.Multiformats;
using Netabase.Transport.Network;

namespace Netabase.Interop.Live;

/// <summary>Our node and a js-libp2p peer, connected over one wire by one of them.</summary>
internal sealed class LivePair(Wire wire, Swarm ours, JsPeer js, InteropProtocols answers) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    public Wire Wire => wire;

    public Swarm Ours => ours;

    public JsPeer Js => js;

    /// <summary>js-libp2p's id.</summary>
    public PeerId JsPeerId { get; } = PeerId.Parse(js.Peer);

    /// <summary>Our id, as js-libp2p wants it in a command.</summary>
    public string Us => ours.LocalPeer.ToString();

    /// <summary>What our handlers saw.</summary>
    public InteropProtocols Answers => answers;

    /// <summary>Starts both and lets one dial the other.</summary>
    public static async Task<LivePair> ConnectAsync(Wire wire, Dialer dialer)
    {
        var node = await RequireNode.GetAsync();
        var js = await JsPeer.StartAsync(node, new JsPeerOptions([OurNode.ListenAddress(wire)], [OurNode.Security(wire)]));
        var ours = OurNode.Create(wire);
        var answers = new InteropProtocols();
        var pair = new LivePair(wire, ours, js, answers);
        try
        {
            answers.Answer(ours);
            await ours.StartAsync();
            using var deadline = new CancellationTokenSource(Deadline);
            if (dialer == Dialer.We)
            {
                await ours.ConnectAsync(Multiaddr.Parse(js.Addresses[0]), deadline.Token);
            }
            else
            {
                await js.CallAsync("dial", ("address", ours.ListenAddresses[0].WithPeer(ours.LocalPeer).ToString()));
            }

            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ours.DisposeAsync();
        await js.DisposeAsync();
    }
}

/// <summary>One pair per wire and dialer, made when a spec first asks for it and kept for the others.</summary>
public sealed class LivePairs : IAsyncLifetime
{
    private readonly ConcurrentDictionary<(Wire, Dialer), Lazy<Task<LivePair>>> _pairs = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var pair in _pairs.Values)
        {
            if (pair.Value.IsCompletedSuccessfully)
            {
                await (await pair.Value).DisposeAsync();
            }
        }
    }

    internal Task<LivePair> GetAsync(Wire wire, Dialer dialer) =>
        _pairs.GetOrAdd((wire, dialer), key => new Lazy<Task<LivePair>>(() => LivePair.ConnectAsync(key.Item1, key.Item2))).Value;
}
