using System.Collections.Concurrent;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>
/// Clients of this node that wait for their answers. The gateway's core keeps the time of each; here is only what answers when
/// the gateway itself is away.
/// </summary>
internal sealed class CallDesk(TimeProvider time)
{
    // The core answers at the deadline; this long after it somebody has died.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<CommandId, TaskCompletionSource<CommandAnswer>> _commands = [];
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<ReadAnswer>> _reads = [];
    private ulong _lastRead;

    /// <summary>Lets a command wait for its answer.</summary>
    /// <param name="id">Its name; who asks a second time under the same one hears the same answer.</param>
    /// <param name="timeout">How long the core may take.</param>
    /// <param name="tell">Gives it to the gateway; false when there is none, and nobody was given the command.</param>
    public async Task<CommandAnswer> CommandAsync(CommandId id, TimeSpan timeout, Func<bool> tell)
    {
        var mine = new TaskCompletionSource<CommandAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = _commands.GetOrAdd(id, mine);
        if (ReferenceEquals(waiting, mine) && !tell())
        {
            Answer(new CommandAnswer.NotCommitted(id, NotCommittedReason.NoLeader));
        }

        try
        {
            return await waiting.Task.WaitAsync(timeout + Grace, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Answer(new CommandAnswer.Unknown(id));
            return new CommandAnswer.Unknown(id);
        }
    }

    /// <summary>Lets a read wait for its answer.</summary>
    /// <param name="timeout">How long the core may take.</param>
    /// <param name="tell">Gives the read of that number to the gateway; false when there is none.</param>
    public async Task<ReadAnswer> ReadAsync(TimeSpan timeout, Func<ulong, bool> tell)
    {
        var number = Interlocked.Increment(ref _lastRead);
        var mine = new TaskCompletionSource<ReadAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _reads[number] = mine;
        if (!tell(number))
        {
            Answer(new ReadAnswer.Failed(number));
        }

        try
        {
            return await mine.Task.WaitAsync(timeout + Grace, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _reads.TryRemove(number, out _);
            return new ReadAnswer.Failed(number);
        }
    }

    public void Answer(CommandAnswer answer)
    {
        if (_commands.TryRemove(answer.Id, out var waiting))
        {
            waiting.TrySetResult(answer);
        }
    }

    public void Answer(ReadAnswer answer)
    {
        if (_reads.TryRemove(answer.Read, out var waiting))
        {
            waiting.TrySetResult(answer);
        }
    }

    /// <summary>Nobody knows any more what became of those that wait.</summary>
    public void AbandonAll()
    {
        foreach (var id in _commands.Keys)
        {
            Answer(new CommandAnswer.Unknown(id));
        }

        foreach (var number in _reads.Keys)
        {
            Answer(new ReadAnswer.Failed(number));
        }
    }
}
