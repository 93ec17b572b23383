namespace Netabase.Protocol.Kademlia;

/// <summary>How this node takes part: as configured, or for <see cref="NetworkMode.Automatic"/> as what is known of its addresses allows.</summary>
/// <param name="configured">What was configured, or chosen since.</param>
public sealed class ModeSwitch(NetworkMode configured)
{
    private bool _isReachable;

    /// <summary>What was configured, or chosen since.</summary>
    public NetworkMode Configured { get; private set; } = configured;

    /// <summary>Client or server.</summary>
    public NetworkMode Effective => Configured != NetworkMode.Automatic ? Configured : _isReachable ? NetworkMode.Server : NetworkMode.Client;

    /// <summary>The application chose; whether the effective mode changed with it.</summary>
    public bool Choose(NetworkMode mode)
    {
        var before = Effective;
        Configured = mode;
        return Effective != before;
    }

    /// <summary>How many external addresses are confirmed now; whether the effective mode changed with it.</summary>
    public bool OnConfirmedAddresses(int count)
    {
        var before = Effective;
        _isReachable = count > 0;
        return Effective != before;
    }
}
