using Netabase.Multiformats;

namespace Netabase.Transport.DnsAddr;

/// <summary>
/// dnsaddr (multiformats/multiaddr protocols/DNSADDR.md): the TXT records of <c>_dnsaddr.name</c>, each <c>dnsaddr=address</c>. They are strangers'
/// words: what does not parse is passed over, names may lead to names, and everything is bounded. Thread-safe.
/// </summary>
public sealed class DnsAddressResolver : IAddressResolver
{
    private const string Prefix = "dnsaddr=";

    private readonly ITextLookup _lookup;
    private readonly ResolverBounds _bounds;
    private readonly TimeProvider _time;

    /// <summary>A resolver over name servers; null bounds are the defaults.</summary>
    public DnsAddressResolver(ITextLookup lookup, ResolverBounds? bounds = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        (_lookup, _bounds, _time) = (lookup, bounds ?? new ResolverBounds(), time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (!IsDnsAddr(address)) return [address];

        using var deadline = new Deadline(_bounds.Deadline, _time, cancellation);
        try
        {
            return await WalkAsync(address, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.HasPassed)
        {
            throw new TransportException(TransportError.TimedOut, $"{address} was not resolved within {_bounds.Deadline}.", e);
        }
    }

    private static bool IsDnsAddr(Multiaddr address) => address.TryGetDnsName(out _, out var protocol) && protocol == MultiaddrProtocol.DnsAddr;

    private async Task<IReadOnlyList<Multiaddr>> WalkAsync(Multiaddr address, CancellationToken cancellation)
    {
        var results = new List<Multiaddr>();
        var seen = new HashSet<Multiaddr> { address };
        var open = new Queue<(Multiaddr Address, int Depth)>([(address, 0)]);
        TransportException? failure = null;
        for (var questions = 0; open.Count > 0 && questions < _bounds.QuestionsMax && results.Count < _bounds.ResultsMax; questions++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (next, depth) = open.Dequeue();
            IReadOnlyList<string> texts;
            try
            {
                texts = await _lookup.FindAsync(NameOf(next), cancellation).ConfigureAwait(false);
            }
            catch (TransportException e)
            {
                // The others may still be found; it counts when nothing was.
                failure ??= e;
                continue;
            }

            foreach (var found in texts.Select(text => Read(text, next)).OfType<Multiaddr>().Where(seen.Add))
            {
                if (!IsDnsAddr(found)) results.Add(found);
                else if (depth + 1 < _bounds.DepthMax && open.Count < _bounds.QuestionsMax) open.Enqueue((found, depth + 1));
            }
        }

        if (results.Count == 0 && failure is not null) throw failure;
        return results.Count > _bounds.ResultsMax ? results[.._bounds.ResultsMax] : results;
    }

    private static string NameOf(Multiaddr address)
    {
        address.TryGetDnsName(out var name, out _);
        return "_dnsaddr." + name;
    }

    /// <summary>The address in a record, when it ends in what stands behind the name that was asked.</summary>
    private static Multiaddr? Read(string text, Multiaddr asked)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !Multiaddr.TryParse(text[Prefix.Length..], out var found)) return null;

        // Usually /p2p/id; whatever it is, the whole of it must be at the end, component by component.
        var wanted = asked.Components.Skip(1).Select(component => component.ToString()).ToList();
        var got = found.Components.Select(component => component.ToString()).ToList();
        return got.Count >= wanted.Count && got.Skip(got.Count - wanted.Count).SequenceEqual(wanted) ? found : null;
    }
}
