using Netabase.Transport.Connections;

namespace Netabase.Transport.Yamux;

/// <summary>
/// The muxer <c>/yamux/1.0.0</c> (hashicorp/yamux specification, as libp2p speaks it). Its connections share one budget of
/// memory for what they receive.
/// </summary>
public sealed class YamuxMuxer : IMuxer
{
    private readonly YamuxOptions _options;
    private readonly TimeProvider _time;
    private readonly BlockPool _pool;
    private readonly ReceiveBudget _budget;

    /// <summary>A muxer whose sessions keep to these bounds.</summary>
    /// <param name="options">The bounds; null for the defaults.</param>
    /// <param name="time">The clock of time-outs and round trips; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of its range.</exception>
    public YamuxMuxer(YamuxOptions? options = null, TimeProvider? time = null)
        : this(options ?? new YamuxOptions(), time ?? TimeProvider.System, BlockPool.Shared)
    {
    }

    internal YamuxMuxer(YamuxOptions options, TimeProvider time, BlockPool pool)
    {
        _options = options.Checked();
        _time = time;
        _pool = pool;
        _budget = _options.Budget();
    }

    /// <summary>For specs: what all connections hold now.</summary>
    internal ReceiveBudget Budget => _budget;

    /// <inheritdoc/>
    public ProtocolId Id { get; } = new("/yamux/1.0.0");

    /// <inheritdoc/>
    public IMuxedConnection Start(SecuredConnection connection, ConnectionRole role) =>
        new YamuxConnection(connection, role, _options, _time, _pool, _budget);
}
