using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Netabase.Paxos.Benchmarks.Client;
using Netabase.Paxos.Benchmarks.Protos;

namespace Netabase.Paxos.Benchmarks.Contestants;

/// <summary>Three processes of etcd as Debian packages it, asked over gRPC at the leader.</summary>
internal sealed class EtcdCluster(string folder, int firstPort) : IContestant
{
    private const int Members = 3;
    private const int Links = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Process?[] _processes = new Process?[Members];
    private readonly GrpcChannel[] _channels = new GrpcChannel[Members];
    private readonly List<(GrpcChannel Channel, KV.KVClient Client)> _links = [];
    private int _leader = -1;

    public string Name => "etcd 3.4.23";

    public string Durability => "log synced by a majority (etcd's default)";

    public TimeSpan ProcessorTime => Processors.Sum(_processes);

    public async Task StartAsync(TimeSpan electionTimeout)
    {
        var cluster = string.Join(',', Enumerable.Range(0, Members).Select(i => $"m{i}=http://127.0.0.1:{firstPort + i}"));
        for (var i = 0; i < Members; i++)
        {
            var client = $"http://127.0.0.1:{firstPort + 10 + i}";
            var peer = $"http://127.0.0.1:{firstPort + i}";
            var start = new ProcessStartInfo("etcd") { RedirectStandardError = true, RedirectStandardOutput = true };
            foreach (var (option, value) in ((string, string)[])[
                ("--name", $"m{i}"), ("--data-dir", Path.Combine(folder, $"etcd-{i}")), ("--listen-peer-urls", peer), ("--initial-advertise-peer-urls", peer),
                ("--listen-client-urls", client), ("--advertise-client-urls", client), ("--initial-cluster", cluster), ("--log-level", "error"),
                ("--election-timeout", Number(electionTimeout)), ("--heartbeat-interval", Number(electionTimeout / 10))])
            {
                start.ArgumentList.Add(option);
                start.ArgumentList.Add(value);
            }

            var process = _processes[i] = Process.Start(start)!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            _channels[i] = GrpcChannel.ForAddress(client);
        }

        using var deadline = new CancellationTokenSource(Patience);
        _leader = await FindLeaderAsync(deadline.Token).ConfigureAwait(false);
        for (var i = 0; i < Links; i++)
        {
            var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{firstPort + 10 + _leader}");
            _links.Add((channel, new KV.KVClient(channel)));
        }
    }

    public async ValueTask WriteAsync(int client, byte[] key, byte[] value) =>
        await _links[client % Links].Client.PutAsync(new PutRequest { Key = UnsafeByteOperations.UnsafeWrap(key), Value = UnsafeByteOperations.UnsafeWrap(value) });

    public async ValueTask ReadAsync(int client, byte[] key) =>
        await _links[client % Links].Client.RangeAsync(new RangeRequest { Key = UnsafeByteOperations.UnsafeWrap(key) });

    public async Task KillLeaderAsync()
    {
        _processes[_leader]!.Kill();
        await _processes[_leader]!.WaitForExitAsync().ConfigureAwait(false);
    }

    public async Task WriteAnywhereAsync(byte[] key, byte[] value, CancellationToken cancellation)
    {
        var put = new PutRequest { Key = ByteString.CopyFrom(key), Value = ByteString.CopyFrom(value) };
        while (true)
        {
            for (var i = 0; i < Members; i++)
            {
                try
                {
                    if (i != _leader)
                    {
                        await new KV.KVClient(_channels[i]).PutAsync(put, deadline: DateTime.UtcNow.AddSeconds(1), cancellationToken: cancellation);
                        return;
                    }
                }
                catch (RpcException failure) when (failure.StatusCode != StatusCode.Cancelled)
                {
                }
            }

            await Task.Delay(5, cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var channel in _links.Select(link => link.Channel).Concat(_channels.OfType<GrpcChannel>()))
        {
            channel.Dispose();
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

    private static string Number(TimeSpan time) => ((int)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private async Task<int> FindLeaderAsync(CancellationToken cancellation)
    {
        while (true)
        {
            for (var i = 0; i < Members; i++)
            {
                try
                {
                    var status = await new Maintenance.MaintenanceClient(_channels[i]).StatusAsync(new StatusRequest(), cancellationToken: cancellation);
                    if (status.Leader != 0 && status.Leader == status.Header.MemberId)
                    {
                        return i;
                    }
                }
                catch (RpcException failure) when (failure.StatusCode != StatusCode.Cancelled)
                {
                }
            }

            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }
    }
}
