using System.Diagnostics;
using System.Globalization;
using Netabase.Paxos.Benchmarks.Client;

namespace Netabase.Paxos.Benchmarks.Contestants;

/// <summary>Three processes of this program, each one member.</summary>
/// <param name="kind">Which member.</param>
/// <param name="name">What it is called.</param>
/// <param name="durability">What was acknowledged is where, when.</param>
/// <param name="folder">Where the members' folders are.</param>
/// <param name="firstPort">The members' ports begin here, those for the load ten higher.</param>
/// <param name="hocon">What the members of Netabase are told beside the defaults.</param>
internal sealed class ProcessCluster(string kind, string name, string durability, string folder, int firstPort, string hocon = "") : IContestant
{
    private const int Members = 3;
    private const int Links = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Process?[] _processes = new Process?[Members];
    private readonly SemaphoreSlim _rejoining = new(1);
    private readonly List<FrontClient[]> _former = [];
    private FrontClient[] _links = [];
    private TimeSpan _electionTimeout;
    private int _leader = -1;

    public string Name => name;

    public string Durability => durability;

    public TimeSpan ProcessorTime => Processors.Sum(_processes);

    public async Task StartAsync(TimeSpan electionTimeout)
    {
        _electionTimeout = electionTimeout;
        for (var i = 0; i < Members; i++)
        {
            Start(i);
        }

        using var deadline = new CancellationTokenSource(Patience);
        _leader = await FindLeaderAsync(deadline.Token).ConfigureAwait(false);
        _links = await JoinAsync(_leader, deadline.Token).ConfigureAwait(false);
    }

    /// <summary>Starts a member's process, in its folder.</summary>
    public void Start(int member)
    {
        var own = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{kind}-{member}"));
        Directory.CreateDirectory(own);
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true };
        foreach (var argument in (string[])[
            "member", kind, Number(member), string.Join(',', Enumerable.Range(firstPort, Members)), Number(FrontPort(member)), own,
            Number((int)_electionTimeout.TotalMilliseconds), hocon])
        {
            start.ArgumentList.Add(argument);
        }

        _processes[member] = Process.Start(start);
    }

    /// <summary>One that does not lead.</summary>
    public int AnyFollower() => (_leader + 1) % Members;

    /// <summary>The leader.</summary>
    public int Leader => _leader;

    /// <summary>Kills a member's process (SIGKILL).</summary>
    public async Task KillAsync(int member)
    {
        _processes[member]!.Kill();
        await _processes[member]!.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>How far a member has applied the log; null while it cannot be asked.</summary>
    public async Task<ulong?> AppliedThroughAsync(int member)
    {
        try
        {
            using var client = await FrontClient.ConnectAsync(FrontPort(member), CancellationToken.None).ConfigureAwait(false);
            var answer = await client.AskAsync(Front.Status, [], []).AsTask().WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
            return BitConverter.ToUInt64(answer.First);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            return null;
        }
    }

    public ValueTask WriteAsync(int client, byte[] key, byte[] value) => AskAsync(client, Front.Write, key, value);

    public ValueTask ReadAsync(int client, byte[] key) => AskAsync(client, Front.Read, key, []);

    /// <summary>Who leads is asked anew: it may have changed under load.</summary>
    public async Task KillLeaderAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        _leader = await FindLeaderAsync(deadline.Token).ConfigureAwait(false);
        await KillAsync(_leader).ConfigureAwait(false);
    }

    public async Task WriteAnywhereAsync(byte[] key, byte[] value, CancellationToken cancellation)
    {
        while (true)
        {
            for (var i = 0; i < Members; i++)
            {
                if (i != _leader && await TryAsync(i, Front.Write, key, value, cancellation).ConfigureAwait(false))
                {
                    return;
                }
            }

            await Task.Delay(5, cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var link in _former.Append(_links).SelectMany(links => links))
        {
            link.Dispose();
        }

        _rejoining.Dispose();

        foreach (var process in _processes)
        {
            if (process is { HasExited: false })
            {
                process.Kill();
                process.WaitForExit();
            }

            process?.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Until it is done: a leader that was lost under load is a slow operation, not the end of the run.</summary>
    private async ValueTask AskAsync(int client, byte kind, byte[] key, byte[] value)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Patience)
        {
            var links = _links;
            if ((await links[client % Links].AskAsync(kind, key, value).ConfigureAwait(false)).Kind == Front.Ok)
            {
                return;
            }

            await RejoinAsync(links).ConfigureAwait(false);
        }

        throw new IOException($"no member did the operation within {Patience}");
    }

    private async Task RejoinAsync(FrontClient[] left)
    {
        using var deadline = new CancellationTokenSource(Patience);
        await _rejoining.WaitAsync(deadline.Token).ConfigureAwait(false);
        try
        {
            if (_links == left)
            {
                // A leader that fails is given time; links that still lead to it are kept.
                await Task.Delay(100, deadline.Token).ConfigureAwait(false);
                var leader = await FindLeaderAsync(deadline.Token).ConfigureAwait(false);
                Console.Error.WriteLine($"  (an operation failed at member {_leader}; member {leader} leads)");
                if (leader != _leader)
                {
                    _leader = leader;
                    _former.Add(left);
                    _links = await JoinAsync(_leader, deadline.Token).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _rejoining.Release();
        }
    }

    private async Task<FrontClient[]> JoinAsync(int member, CancellationToken cancellation)
    {
        var links = new FrontClient[Links];
        for (var i = 0; i < Links; i++)
        {
            links[i] = await FrontClient.ConnectAsync(FrontPort(member), cancellation).ConfigureAwait(false);
        }

        return links;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private int FrontPort(int member) => firstPort + 10 + member;

    private async Task<int> FindLeaderAsync(CancellationToken cancellation)
    {
        while (true)
        {
            for (var i = 0; i < Members; i++)
            {
                if (await TryAsync(i, Front.Status, [], [], cancellation).ConfigureAwait(false))
                {
                    return i;
                }
            }

            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryAsync(int member, byte kind, byte[] key, byte[] value, CancellationToken cancellation)
    {
        try
        {
            using var client = await FrontClient.ConnectAsync(FrontPort(member), cancellation).ConfigureAwait(false);
            var answer = await client.AskAsync(kind, key, value).AsTask().WaitAsync(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(false);
            return answer.Kind == Front.Ok;
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            return false;
        }
    }
}
