using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace Netabase.Consensus.Specs.Acceptor;

/// <summary>A disk that a spec holds still, lets go on, or breaks.</summary>
public sealed class GatedJournal(Config config) : AsyncWriteJournal
{
    private static readonly ConcurrentDictionary<string, Disk> Disks = [];
    private readonly Disk _disk = Of(config.GetString("disk"));

    public static Disk Of(string name) => Disks.GetOrAdd(name, _ => new Disk());

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        foreach (var (number, written) in _disk.Rows.Where(row => row.Number >= fromSequenceNr && row.Number <= toSequenceNr))
        {
            recoveryCallback(new Persistent(written, number, persistenceId));
        }

        return Task.CompletedTask;
    }

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        Task.FromResult(_disk.Rows.Count == 0 ? 0 : _disk.Rows[^1].Number);

    protected override async Task<IImmutableList<Exception?>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        await _disk.PassAsync();
        foreach (var written in messages.SelectMany(message => (IImmutableList<IPersistentRepresentation>)message.Payload))
        {
            _disk.Rows.Add((written.SequenceNr, written.Payload));
        }

        return null!;
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        _disk.Rows.RemoveAll(row => row.Number <= toSequenceNr);
        return Task.CompletedTask;
    }

    /// <summary>What is on it, and whether it takes more.</summary>
    public sealed class Disk
    {
        private volatile TaskCompletionSource? _gate;
        private volatile bool _isBroken;

        public List<(long Number, object Event)> Rows { get; } = [];

        public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate!.SetResult();

        public void Break(bool isBroken) => _isBroken = isBroken;

        public async Task PassAsync()
        {
            if (_gate is { } gate)
            {
                await gate.Task;
            }

            if (_isBroken)
            {
                throw new IOException("the disk is broken");
            }
        }
    }
}
