using System.Diagnostics;
using System.Globalization;
using Netabase.Paxos.Benchmarks.Client;

namespace Netabase.Paxos.Benchmarks.Contestants;

/// <summary>Three processes of this program, each one member.</summary>
internal sealed class ProcessCluster(string kind, string name, string durability, string folder, int firstPort) : IContestant
{
    private const int Members = 3;
    private const int Links = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process?[] _processes = new Process?[Members];
    private readonly List<FrontClient> _links = [];
    private int _leader = -1;

    public string Name => name;

    public string Durability => durability;

    public async Task StartAsync(TimeSpan electionTimeout)
    {
        var ports = string.Join(',', Enumerable.Range(0, Members).Select(i => firstPort + i));
        for (var i = 0; i < Members; i++)
        {
            var own = Path.Combine(folder, $"{kind}-{i}");
            Directory.CreateDirectory(own);
            var start = new ProcessStartInfo(Environment.ProcessPath!);
            foreach (var argument in (string[])[
                "member", kind, i.ToString(CultureInfo.InvariantCulture), ports, FrontPort(i).ToString(CultureInfo.InvariantCulture), own,
                ((int)electionTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)])
            {
                start.ArgumentList.Add(argument);
            }

            _processes[i] = Process.Start(start);
        }

        using var deadline = new CancellationTokenSource(Patience);
        _leader = await FindLeaderAsync(deadline.Token).ConfigureAwait(false);
        for (var i = 0; i < Links; i++)
        {
            _links.Add(await FrontClient.ConnectAsync(FrontPort(_leader), deadline.Token).ConfigureAwait(false));
        }
    }

    public async ValueTask WriteAsync(int client, byte[] key, byte[] value) =>
        Expect(await _links[client % Links].AskAsync(Front.Write, key, value).ConfigureAwait(false));

    public async ValueTask ReadAsync(int client, byte[] key) =>
        Expect(await _links[client % Links].AskAsync(Front.Read, key, []).ConfigureAwait(false));

    public async Task KillLeaderAsync()
    {
        _processes[_leader]!.Kill();
        await _processes[_leader]!.WaitForExitAsync().ConfigureAwait(false);
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
        foreach (var link in _links)
        {
            link.Dispose();
        }

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

    private static void Expect(FrontFrame answer)
    {
        if (answer.Kind != Front.Ok)
        {
            throw new IOException($"the member answered {answer.Kind}");
        }
    }

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
