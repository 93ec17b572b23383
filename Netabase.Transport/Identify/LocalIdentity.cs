using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Identify;

/// <summary>What we say about ourselves; the addresses signed, once for each set of them.</summary>
internal sealed class LocalIdentity(SwarmContext context)
{
    /// <summary>Addresses that we tell: what others read of a record, and what fits into one frame.</summary>
    private const int MaxTold = 32;

    private readonly Lock _gate = new();
    private ImmutableArray<Multiaddr> _signed;
    private Payload _record;

    public IdentifyMessage Describe(ImmutableArray<Multiaddr> addresses, ImmutableArray<ProtocolId> protocols, Multiaddr observed)
    {
        var told = addresses.Length > MaxTold ? addresses[..MaxTold] : addresses;
        var options = context.Options;
        return new IdentifyMessage(
            options.Identity.PublicKey.Encoded,
            told,
            protocols,
            observed,
            options.Identify.ProtocolVersion,
            options.Identify.AgentVersion,
            Signed(told));
    }

    private Payload Signed(ImmutableArray<Multiaddr> addresses)
    {
        lock (_gate)
        {
            if (_signed.IsDefault || !_signed.AsSpan().SequenceEqual(addresses.AsSpan()))
            {
                var record = new PeerRecord(context.LocalPeer, context.Sequence.Next(), addresses);
                _record = record.Seal(context.Options.Identity).Encoded;
                _signed = addresses;
            }

            return _record;
        }
    }
}
