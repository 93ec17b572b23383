using System.Collections.Concurrent;
using Netabase.Transport;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Actors.Paxos.Links;

/// <summary>
/// Where members' streams come in, one for all groups of a node. A stream tells its group first; one of a group that is not
/// here, or of a peer that is no member of it, is closed and counted.
/// </summary>
internal sealed class LinkDoor
{
    /// <summary>The protocol's name.</summary>
    public static readonly ProtocolId Protocol = new("/paxos/1.0.0");

    // A pair has two streams, and for a moment twice as many while one side has not yet seen the old ones end.
    private static readonly StreamLimits Streams = new(Total: 256, PerPeer: 8);

    private readonly IPeerNetwork _network;
    private readonly TimeSpan _helloTimeout;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, MemberLinks> _groups = [];

    public LinkDoor(IPeerNetwork network, TimeSpan helloTimeout, TimeProvider time)
    {
        _network = network;
        _helloTimeout = helloTimeout;
        _time = time;
        network.Handle(Protocol, ServeAsync, Streams);
    }

    public void Open(MemberLinks links)
    {
        if (!_groups.TryAdd(links.Group, links))
        {
            throw new InvalidOperationException($"The group {links.Group} runs already.");
        }
    }

    public void Shut(MemberLinks links) => _groups.TryRemove(new KeyValuePair<string, MemberLinks>(links.Group, links));

    public void Close() => _network.Unhandle(Protocol);

    private async Task ServeAsync(IPeerStream stream, CancellationToken cancellation)
    {
        LinkHello hello;
        try
        {
            hello = await ReceiveHelloAsync(stream, cancellation).ConfigureAwait(false);
        }
        catch (RecordFormatException malformed)
        {
            PaxosMetrics.Refused("malformed");
            throw new TransportException(TransportError.ProtocolViolation, malformed.Message, malformed);
        }

        if (hello.Version != LinkHello.CurrentVersion)
        {
            PaxosMetrics.Refused("version");
        }
        else if (!_groups.TryGetValue(hello.Group, out var links))
        {
            PaxosMetrics.Refused("foreign-group");
        }
        else
        {
            await links.AcceptAsync(stream, hello.Lane, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<LinkHello> ReceiveHelloAsync(IPeerStream stream, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(_helloTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);

        // Byte by byte: what follows belongs to the reader of whoever takes the stream over.
        return LinkHello.Decode(await LinkHelloReader.ReadAsync(stream, either.Token).ConfigureAwait(false));
    }
}
