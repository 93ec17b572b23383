using System.Globalization;
using System.Text;
using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Host;
using Netabase.Transport.Keys;

namespace Netabase.Paxos.Benchmarks.Members;

/// <summary>A whole node as a user has it: TCP, Noise and Yamux to the others, votes and records in SQLite, every vote synced.</summary>
internal sealed class NetabaseMember : IMember
{
    private readonly IHost _host;
    private readonly INetabase _node;

    private NetabaseMember(IHost host)
    {
        _host = host;
        _node = host.Services.GetRequiredService<INetabase>();
    }

    public bool IsLeader => Status is { Leader: { } leader } && leader == _node.LocalPeer;

    public ulong AppliedThrough => Status?.AppliedThrough ?? 0;

    private GroupStatus? Status => _node.GetGroupsAsync().AsTask() is { IsCompletedSuccessfully: true, Result: [var group] } ? group : null;

    /// <summary>The members' keys, so that each knows the others' names; made before any of them starts.</summary>
    /// <param name="folder">Where the members' folders are.</param>
    /// <param name="members">How many.</param>
    public static void MakeKeys(string folder, int members)
    {
        for (var i = 0; i < members; i++)
        {
            IdentityFile.LoadOrCreate(KeyOf(folder, i)).Dispose();
        }
    }

    public static async Task<NetabaseMember> StartAsync(MemberOptions options)
    {
        var root = Path.GetDirectoryName(options.Folder)!;
        var members = options.Ports.Select((port, i) =>
        {
            using var key = IdentityFile.LoadOrCreate(KeyOf(root, i));
            return $"\"/ip4/127.0.0.1/tcp/{port}/p2p/{key.PublicKey.PeerId}\"";
        });
        var election = options.ElectionTimeout.TotalMilliseconds;
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddNetabase(node =>
        {
            node.DataPath = options.Folder;
            node.IdentityFile = KeyOf(root, options.Index);
            node.Listen = [$"/ip4/127.0.0.1/tcp/{options.Ports[options.Index]}"];
            node.StartSwarm = true;
            node.Mdns = false;
            node.AddDefinition(Ledger.Definition);
            node.Configuration = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
                akka { loglevel = WARNING, coordinated-shutdown.exit-clr = off }
                netabase.paxos.groups.ledger {
                  members = [{{string.Join(", ", members)}}]
                  definitions = ["ledger"]
                  election-timeout = {{election}}ms
                  heartbeat-interval = {{election / 10}}ms
                  {{options.Hocon}}
                }
                """));
        });
        var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return new NetabaseMember(host);
    }

    public async ValueTask<bool> WriteAsync(byte[] key, byte[] value) =>
        await _node.PutRecordConsensusAsync(new Ledger.Entry { Name = Encoding.UTF8.GetString(key), Value = new Payload(value) }).ConfigureAwait(false)
            is var result and not ConsensusResult.Applied
            ? throw new InvalidOperationException($"not applied: {result}")
            : true;

    public async ValueTask<bool> ReadAsync(byte[] key) =>
        await _node.GetRecordAsync(new Ledger.Entry.Key(Encoding.UTF8.GetString(key)), Consistency.Linearizably).ConfigureAwait(false)
            is var result and not GetResult<Ledger.Entry>.Found
            ? throw new InvalidOperationException($"not found: {result}")
            : true;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().ConfigureAwait(false);
        _host.Dispose();
    }

    private static string KeyOf(string folder, int member) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{member}.key"));
}
