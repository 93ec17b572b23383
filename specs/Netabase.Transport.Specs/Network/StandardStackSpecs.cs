using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;

namespace Netabase.Transport.Specs.Network;

/// <summary>The stack that a node runs on, as it comes.</summary>
public sealed class StandardStackSpecs
{
    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/0")]
    [InlineData("/ip4/127.0.0.1/tcp/0/ws")]
    public async Task Two_nodes_talk_over_whatever_address_they_listen_on(string listen)
    {
        using var left = new StandardStack(PrivateKey.Generate());
        using var right = new StandardStack(PrivateKey.Generate());
        await using var here = Swarm.Create(left.Options);
        await using var there = Swarm.Create(right.Options with { ListenAddresses = [Multiaddr.Parse(listen)] });
        there.AnswerEcho();
        await here.StartAsync().Soon();
        await there.StartAsync().Soon();
        var connection = await here.ConnectAsync(there);
        Assert.Equal(NoiseSecurity.Protocol, connection.Security);
        Assert.Equal([1, 2, 3], await here.EchoAsync(there.LocalPeer, [1, 2, 3]));
    }
}
