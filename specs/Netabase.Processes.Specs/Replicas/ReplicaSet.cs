using System.Net;
using System.Net.Sockets;
using System.Text;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;
using Netabase.Transport.Keys;

namespace Netabase.Processes.Specs.Replicas;

/// <summary>One member of a group: where it is, who it is, and its process when it runs.</summary>
internal sealed class Replica
{
    public required int Place { get; init; }

    public required string Folder { get; init; }

    public required string Address { get; init; }

    public string Peer => Address[(Address.LastIndexOf('/') + 1)..];

    /// <summary>Null until it was started.</summary>
    public NodeProcess? Node { get; set; }

    /// <summary>Whether clients may ask it.</summary>
    public bool IsUp { get; set; }

    public ControlClient Client => new(Folder);
}

/// <summary>Nodes that commit records through one log, each a process with a disk of its own, on cables that can be cut where there are any.</summary>
internal sealed class ReplicaSet : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Cables? _cables;
    private readonly string _config;
    private readonly Replica[] _replicas;
    private int _lives;

    private ReplicaSet(string folder, int founders, Cables? cables)
    {
        (_folder, _cables) = (folder, cables);
        _replicas = [.. Enumerable.Range(0, founders).Select(place => Make(place, life: 0))];
        _config = Path.Combine(folder, "replicas.conf");
        var members = string.Join(", ", _replicas.Select(replica => $"\"{replica.Address}\""));
        File.WriteAllText(_config, $$"""
            netabase {
              paxos.groups.ledger { members = [{{members}}], definitions = ["kv"], window = 16, call-timeout = 4s }
              network { bootstrap-retry-min = 200ms, bootstrap-retry-max = 1s }
              supervision.restart-delay-max = 1s
              host.control.connections-max = 256
            }
            """);
    }

    /// <summary>Those that are in the group or are meant to be.</summary>
    public IReadOnlyList<Replica> All => _replicas;

    public Replica this[int place] => _replicas[place];

    /// <summary>Starts the founders.</summary>
    public static async Task<ReplicaSet> StartAsync(string folder, int founders, Cables? cables = null)
    {
        var set = new ReplicaSet(folder, founders, cables);
        await Task.WhenAll(set._replicas.Select(set.StartAsync));
        return set;
    }

    /// <summary>The data folder of a founder, for who wants something special there.</summary>
    public static string FolderOf(string folder, int founder) => Path.Combine(folder, $"{founder}.0");

    public Task StartAsync(Replica replica) => StartAsync(replica, withheld: false);

    /// <summary>Starts a node; one that is withheld is not asked by clients yet.</summary>
    public async Task StartAsync(Replica replica, bool withheld)
    {
        if (replica.Node is { } again)
        {
            await again.StartAgainAsync();
        }
        else
        {
            var ip = Ip(replica.Place);
            var others = _replicas.Where(other => other != replica).SelectMany(other => (string[])["--bootstrap", other.Address]);
            replica.Node = await NodeProcess.StartInAsync(
                _cables?.Within(replica.Place) ?? [],
                ip,
                replica.Folder,
                ["--listen", replica.Address[..replica.Address.IndexOf("/p2p/", StringComparison.Ordinal)], "--no-mdns", "--config", _config, .. others]);
        }

        replica.IsUp = !withheld;
    }

    /// <summary>SIGKILL.</summary>
    public static async Task KillAsync(Replica replica)
    {
        replica.IsUp = false;
        await replica.Node!.Process.KillAsync();
    }

    /// <summary>SIGTERM.</summary>
    public static async Task StopAsync(Replica replica)
    {
        replica.IsUp = false;
        var ended = await replica.Node!.Process.StopAsync();
        Assert.True(ended.ExitCode == 0, ended.ToString());
    }

    /// <summary>Who leads, by the word of a node that runs; asked again, with a read that takes its time, while nobody does.</summary>
    public async Task<Replica> LeaderAsync(Replica? asked = null)
    {
        using var deadline = new CancellationTokenSource(Run.Patience);
        for (var turn = 0; ; turn++)
        {
            var node = asked ?? _replicas[turn % _replicas.Length];
            if (node.IsUp && await GroupAsync(node) is { Leader: { } leader } && _replicas.FirstOrDefault(replica => replica.Peer == leader) is { IsUp: true } found)
            {
                return found;
            }

            Assert.False(deadline.IsCancellationRequested, "nobody leads");
            await (node.IsUp ? ReadsAsync(node) : Task.CompletedTask);
        }
    }

    /// <summary>The group as a node sees it.</summary>
    public static async Task<GroupItem?> GroupAsync(Replica replica)
    {
        await foreach (var answer in replica.Client.StreamAsync("groups", Nothing.Instance, SharedJson.Default.Nothing, CancellationToken.None))
        {
            if (answer.Item is { } item)
            {
                return ControlClient.Read(item, ClusterJson.Default.GroupItem);
            }
        }

        return null;
    }

    /// <summary>Until a node answers a linearizable read, and so has applied all that was acknowledged.</summary>
    public static async Task CaughtUpAsync(Replica replica)
    {
        using var deadline = new CancellationTokenSource(Run.Patience);
        while (!await ReadsAsync(replica))
        {
            Assert.False(deadline.IsCancellationRequested, $"{replica.Folder} does not catch up: {await GroupAsync(replica)}");
        }
    }

    /// <summary>Asks a node for a step of its group until it has been taken; under one name, so that it is taken once.</summary>
    public static async Task ChangeAsync(Replica asked, string step, Replica whom)
    {
        using var deadline = new CancellationTokenSource(Run.Patience);
        string? id = null;
        while (true)
        {
            var done = await asked.Client.AskAsync(
                "change-members", new ChangeArgs(step, whom.Peer, Id: id), ClusterJson.Default.ChangeArgs, CommitJson.Default.CommitDone, CancellationToken.None);
            if (done.Outcome == "applied")
            {
                return;
            }

            id = done.Id;
            Assert.False(deadline.IsCancellationRequested, $"{step}: {done}");
            await ReadsAsync(asked);
        }
    }

    /// <summary>Its local records, as text.</summary>
    public static async Task<SortedDictionary<string, string>> RecordsAsync(Replica replica)
    {
        var records = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var answer in replica.Client.StreamAsync("query", new QueryArgs(), QueryJson.Default.QueryArgs, CancellationToken.None))
        {
            if (answer.Item is { } item)
            {
                var entry = ControlClient.Read(item, QueryJson.Default.EntryItem);
                records[entry.Key] = Encoding.UTF8.GetString(entry.Value);
            }
        }

        return records;
    }

    /// <summary>A new disk in the place of one that is lost, and with it another peer.</summary>
    public Replica Replace(int place) => _replicas[place] = Make(place, ++_lives);

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            if (replica.Node is { } node)
            {
                await node.DisposeAsync();
            }
        }

        _cables?.Dispose();
    }

    private Replica Make(int place, int life)
    {
        // The key is made beforehand, so that the founders' file can name all of them.
        var folder = Path.Combine(_folder, $"{place}.{life}");
        Directory.CreateDirectory(folder);
        var port = _cables is null ? FreePort() : 4001;
        using var key = IdentityFile.LoadOrCreate(Path.Combine(folder, "identity.key"));
        return new Replica { Place = place, Folder = folder, Address = $"/ip4/{Ip(place)}/tcp/{port}/p2p/{key.PublicKey.PeerId}" };
    }

    private string Ip(int place) => _cables?.Ip(place) ?? "127.0.0.1";

    private static async Task<bool> ReadsAsync(Replica replica)
    {
        try
        {
            await replica.Client.AskAsync("read", new ReadArgs("nothing"), ReadJson.Default.ReadArgs, GetJson.Default.GetDone, CancellationToken.None);
            return true;
        }
        catch (ControlException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
