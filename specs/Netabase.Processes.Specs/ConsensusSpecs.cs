using System.Net;
using System.Net.Sockets;
using Netabase.Transport.Keys;

namespace Netabase.Processes.Specs;

/// <summary>Three replicas of one log, each a process with a disk of its own.</summary>
public sealed class ConsensusSpecs : ProcessSpec
{
    [Fact]
    public async Task What_one_acknowledged_is_read_on_another_and_the_log_outlives_its_leader()
    {
        var nodes = await ReplicasAsync();
        await PutAsync(nodes[0], "colour", "red");
        Assert.Equal("red", (string?)(await nodes[1].DoneAsync("get", "colour", "--linearizable"))["text"]);
        var version = (string)(await nodes[2].DoneAsync("get", "colour", "--linearizable"))["clock"]!;
        Assert.Equal("applied", (string?)(await nodes[2].DoneAsync("cas", "colour", version, "green"))["outcome"]);
        Assert.Equal(1, (await nodes[1].AskAsync("cas", "colour", version, "blue")).ExitCode);
        Assert.Equal(1, (await nodes[0].AskAsync("put", "colour", "black")).ExitCode);

        var status = Assert.Single(await nodes[0].ListAsync("cluster", "status"));
        Assert.Equal(3, status["members"]!.AsArray().Count);
        var leader = nodes.Single(node => node.Peer == (string?)status["leader"]);
        await leader.Process.KillAsync();
        var left = nodes.Where(node => node != leader).ToArray();
        await PutAsync(left[0], "colour", "yellow");
        Assert.Equal("yellow", (string?)(await left[1].DoneAsync("get", "colour", "--linearizable"))["text"]);

        await leader.StartAgainAsync();
        await PutAsync(leader, "colour", "white");
        Assert.Equal("white", (string?)(await left[1].DoneAsync("get", "colour", "--linearizable"))["text"]);
        Assert.NotEmpty(await leader.ListAsync("cluster", "log", "--limit", "5"));
    }

    /// <summary>Three nodes that are started with each other's names, as HOCON/three-replicas.conf has it; their keys are made beforehand.</summary>
    private async Task<NodeProcess[]> ReplicasAsync()
    {
        var listen = Enumerable.Range(0, 3).Select(_ => $"/ip4/127.0.0.1/tcp/{FreePort()}").ToArray();
        var members = listen.Select((address, number) =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(Folder, $"{number}"));
            using var key = IdentityFile.LoadOrCreate(Path.Combine(folder.FullName, "identity.key"));
            return $"{address}/p2p/{key.PublicKey.PeerId}";
        }).ToArray();
        var config = Config(ThreeReplicas(members));
        return await Task.WhenAll(listen.Select((address, number) => NodeAsync($"{number}", "--listen", address, "--no-mdns", "--config", config)));
    }

    /// <summary>The example, with these members in the place of its own.</summary>
    private static string ThreeReplicas(string[] members)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Netabase.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var lines = File.ReadAllLines(Path.Combine(folder, "HOCON", "three-replicas.conf"));
        var next = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimStart().StartsWith("\"/dns4/", StringComparison.Ordinal))
            {
                lines[i] = $"\"{members[next++]}\"";
            }
        }

        Assert.Equal(members.Length, next);
        return string.Join('\n', lines);
    }

    /// <summary>Until there is a leader, a write says that there is none.</summary>
    private static async Task PutAsync(NodeProcess node, string key, string value)
    {
        using var patience = new CancellationTokenSource(Run.Patience);
        Outcome outcome;
        while ((outcome = await node.AskAsync("put", key, value, "--consensus")).ExitCode != 0)
        {
            Assert.False(patience.IsCancellationRequested, outcome.ToString());
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
