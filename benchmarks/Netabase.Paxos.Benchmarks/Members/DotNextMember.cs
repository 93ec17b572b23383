using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using DotNext.Buffers;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace Netabase.Paxos.Benchmarks.Members;

/// <summary>A member of DotNext's Raft whose log is flushed before an append or a commit returns, which since 6.12 is the only way it has.</summary>
internal sealed class DotNextMember : IMember
{
    private readonly RaftCluster _cluster;
    private readonly WriteAheadLog _log;
    private readonly Table _table;

    private DotNextMember(RaftCluster cluster, WriteAheadLog log, Table table)
    {
        _cluster = cluster;
        _log = log;
        _table = table;
    }

    public bool IsLeader => !_cluster.LeadershipToken.IsCancellationRequested;

    public static async Task<DotNextMember> StartAsync(MemberOptions options)
    {
        var members = new LoopbackMembers();
        var builder = members.CreateInitialConfigurationBuilder();
        foreach (var port in options.Ports)
        {
            builder.Add(new IPEndPoint(IPAddress.Loopback, port));
        }

        builder.Build();
        var election = (int)options.ElectionTimeout.TotalMilliseconds;
        var own = new IPEndPoint(IPAddress.Loopback, options.Ports[options.Index]);
        var table = new Table(Directory.CreateDirectory(Path.Combine(options.Folder, "state")));
        var log = new WriteAheadLog(new WriteAheadLog.Options { Location = Path.Combine(options.Folder, "log") }, table);
        var cluster = new RaftCluster(new RaftCluster.TcpConfiguration(own)
        {
            PublicEndPoint = own,
            LowerElectionTimeout = election,
            UpperElectionTimeout = election * 2,
            ConfigurationStorage = members,
            ColdStart = false,
            TransmissionBlockSize = 64 * 1024,
        })
        {
            AuditTrail = log,
        };
        await log.InitializeAsync(CancellationToken.None).ConfigureAwait(false);
        await cluster.StartAsync(CancellationToken.None).ConfigureAwait(false);
        return new DotNextMember(cluster, log, table);
    }

    public async ValueTask<bool> WriteAsync(byte[] key, byte[] value)
    {
        if (!IsLeader)
        {
            return false;
        }

        byte[] entry = [(byte)key.Length, .. key, .. value];
        await _cluster.ReplicateAsync(entry, null, CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    public async ValueTask<bool> ReadAsync(byte[] key)
    {
        if (!IsLeader)
        {
            return false;
        }

        await _cluster.ApplyReadBarrierAsync(CancellationToken.None).ConfigureAwait(false);
        return _table.Contains(key);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _log.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class LoopbackMembers : InMemoryClusterConfigurationStorage<EndPoint>
    {
        protected override void Encode(EndPoint address, ref BufferWriterSlim<byte> output)
        {
            Span<byte> port = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(port, ((IPEndPoint)address).Port);
            output.Write(port);
        }

        protected override EndPoint Decode(ref DotNext.Buffers.SequenceReader reader)
        {
            Span<byte> port = stackalloc byte[sizeof(int)];
            reader.Read(port);
            return new IPEndPoint(IPAddress.Loopback, BinaryPrimitives.ReadInt32LittleEndian(port));
        }
    }

    private sealed class Table(DirectoryInfo folder) : SimpleStateMachine(folder)
    {
        private readonly ConcurrentDictionary<string, byte[]> _rows = [];

        public bool Contains(byte[] key) => _rows.ContainsKey(Convert.ToHexString(key));

        protected override ValueTask RestoreAsync(FileInfo snapshotFile, CancellationToken token) => ValueTask.CompletedTask;

        protected override ValueTask PersistAsync(IAsyncBinaryWriter writer, CancellationToken token) => ValueTask.CompletedTask;

        protected override ValueTask<bool> ApplyAsync(LogEntry entry, CancellationToken token)
        {
            if (!entry.IsConfiguration && entry.TryGetPayload(out var payload) && payload.Length > 1)
            {
                var bytes = payload.ToArray();
                _rows[Convert.ToHexString(bytes, 1, bytes[0])] = bytes[(1 + bytes[0])..];
            }

            return new(false);
        }
    }
}
