using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Upgrade;

/// <summary>
/// Makes a raw connection one that knows its peer and carries streams: security by multistream-select, the handshake, and the muxer,
/// agreed on inside the handshake or by multistream-select again (libp2p connections, "Upgrading Connections").
/// </summary>
public sealed class Upgrader
{
    private readonly ImmutableArray<ISecurityProtocol> _securities;
    private readonly ImmutableArray<IMuxer> _muxers;
    private readonly ImmutableArray<ProtocolId> _securityIds;
    private readonly ImmutableArray<ProtocolId> _muxerIds;
    private readonly ProtocolTable _securityTable;
    private readonly ProtocolTable _muxerTable;
    private readonly UpgradeOptions _options;

    /// <summary>Offers these, best first.</summary>
    public Upgrader(IEnumerable<ISecurityProtocol> securities, IEnumerable<IMuxer> muxers, UpgradeOptions? options = null)
    {
        _securities = [.. securities];
        _muxers = [.. muxers];
        if (_securities.IsEmpty || _muxers.IsEmpty) throw new ArgumentException("An upgrade needs a security protocol and a muxer.", nameof(securities));
        _securityIds = [.. _securities.Select(security => security.Id)];
        _muxerIds = [.. _muxers.Select(muxer => muxer.Id)];
        _securityTable = new ProtocolTable(_securityIds);
        _muxerTable = new ProtocolTable(_muxerIds);
        _options = options ?? new UpgradeOptions();
    }

    /// <summary>Whether a dialer's first attempt can fail with a peer that a second one would reach.</summary>
    internal bool MayHaveToRetry => _options.Optimistic && _securities.Length > 1;

    /// <summary>Upgrades a connection, which is cut when that fails.</summary>
    /// <param name="raw">Ours from now on, whatever happens.</param>
    /// <param name="role">Whether we dialed.</param>
    /// <param name="expected">The peer we mean to reach; another one is refused.</param>
    /// <param name="cancellation">The caller's patience, beside the upgrade's own.</param>
    public ValueTask<UpgradedConnection> UpgradeAsync(
        IRawConnection raw, ConnectionRole role, PeerId? expected, CancellationToken cancellation) =>
        UpgradeAsync(raw, role, expected, _options.Optimistic, cancellation);

    internal async ValueTask<UpgradedConnection> UpgradeAsync(
        IRawConnection raw, ConnectionRole role, PeerId? expected, bool optimistic, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(raw);
        using var deadline = new Deadline(_options.Timeout, _options.Time, cancellation);
        using var trace = new UpgradeTrace(_options, raw.RemoteAddress, role);
        SecuredConnection? secured = null;
        try
        {
            secured = await SecureAsync(raw, role, expected, optimistic, trace, deadline.Token).ConfigureAwait(false);
            var upgraded = await MuxAsync(secured, role, deadline.Token).ConfigureAwait(false);
            trace.Succeeded(upgraded);
            return upgraded;
        }
        catch (Exception e)
        {
            raw.Abort();
            if (secured is not null)
            {
                // No muxer has taken over what the handshake made: ciphers, or a TLS stream.
                secured.Codec.Dispose();
                await secured.Raw.DisposeAsync().ConfigureAwait(false);
            }

            await raw.DisposeAsync().ConfigureAwait(false);
            if (deadline.HasPassed && e is OperationCanceledException or TransportException { Error: TransportError.ConnectionClosed })
            {
                var passed = deadline.Passed($"The upgrade of the connection with {raw.RemoteAddress}");
                trace.Failed(passed);
                throw passed;
            }

            trace.Failed(e);
            throw;
        }
    }

    private async ValueTask<SecuredConnection> SecureAsync(
        IRawConnection raw, ConnectionRole role, PeerId? expected, bool optimistic, UpgradeTrace trace, CancellationToken cancellation)
    {
        var negotiated = role == ConnectionRole.Listener ? await NegotiatedConnection.AcceptAsync(raw, _securityTable, cancellation).ConfigureAwait(false)
            : optimistic || _securityIds.Length == 1 ? NegotiatedConnection.Propose(raw, _securityIds[0])
            : await NegotiatedConnection.SelectAsync(raw, _securityIds, cancellation).ConfigureAwait(false);

        trace.Security = negotiated.Protocol;
        var security = _securities.First(candidate => candidate.Id == negotiated.Protocol);
        var started = _options.Time.GetTimestamp();
        var secured = await security.SecureAsync(negotiated, role, expected, _muxerIds, cancellation).ConfigureAwait(false);
        secured = secured with { Handshake = _options.Time.GetElapsedTime(started) };
        return ReferenceEquals(secured.Raw, negotiated) && negotiated.IsSettled ? secured with { Raw = raw } : secured;
    }

    private async ValueTask<UpgradedConnection> MuxAsync(SecuredConnection secured, ConnectionRole role, CancellationToken cancellation)
    {
        if (secured.EarlyMuxer is not { } muxer)
            (secured, muxer) = role == ConnectionRole.Dialer && _muxers.Length == 1
                ? await ProposeMuxerAsync(secured, cancellation).ConfigureAwait(false)
                : await SelectMuxerAsync(secured, role, cancellation).ConfigureAwait(false);

        var muxed = _muxers.First(candidate => candidate.Id == muxer).Start(secured, role);
        return new UpgradedConnection(
            muxed, role, secured.RemoteKey, secured.RemotePeer, secured.Security, muxer,
            secured.Raw.LocalAddress, secured.Raw.RemoteAddress);
    }

    /// <summary>With one muxer to offer, its frames may follow the proposal at once.</summary>
    private async ValueTask<(SecuredConnection Secured, ProtocolId Muxer)> ProposeMuxerAsync(SecuredConnection secured, CancellationToken cancellation)
    {
        var initiator = new MultistreamInitiator(_muxerIds[0]);
        var opening = new byte[initiator.OpeningLength];
        initiator.WriteOpening(opening);
        await new SecuredBytes(secured).SendAsync(opening, cancellation).ConfigureAwait(false);
        return (secured with { Codec = new ProposingCodec(secured.Codec, initiator) }, _muxerIds[0]);
    }

    private async ValueTask<(SecuredConnection Secured, ProtocolId Muxer)> SelectMuxerAsync(
        SecuredConnection secured, ConnectionRole role, CancellationToken cancellation)
    {
        var bytes = new SecuredBytes(secured);
        NegotiatedConnection negotiated;
        if (role == ConnectionRole.Dialer)
        {
            negotiated = await NegotiatedConnection.SelectAsync(bytes, _muxerIds, cancellation).ConfigureAwait(false);
        }
        else
        {
            negotiated = await NegotiatedConnection.AcceptAsync(bytes, _muxerTable, cancellation).ConfigureAwait(false);
            await negotiated.FlushAsync(cancellation).ConfigureAwait(false);
        }

        byte[] opened = [.. negotiated.TakeLeftover(), .. bytes.Opened];
        return (secured with { Opened = opened, Leftover = bytes.Leftover }, negotiated.Protocol);
    }
}
