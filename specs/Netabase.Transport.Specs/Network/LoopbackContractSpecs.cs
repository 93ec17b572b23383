namespace Netabase.Transport.Specs.Network;

/// <summary>The contract, over a world in memory.</summary>
public sealed class LoopbackContractSpecs : PeerNetworkContract
{
    private protected override TestNet NewNet() => new LoopbackNet();
}

/// <summary>The contract, over all of our libp2p but sockets: memory, Noise, Yamux.</summary>
public sealed class MemoryContractSpecs : PeerNetworkContract
{
    private protected override TestNet NewNet() => new MemoryNet();
}

/// <summary>The contract, over TCP, Noise and Yamux.</summary>
public sealed class TcpContractSpecs : PeerNetworkContract
{
    private protected override TestNet NewNet() => new TcpNet();
}
