using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>Lets callers wait until a certain life is followed here.</summary>
internal sealed class LeaderWatch
{
    private readonly Lock _gate = new();
    private readonly List<(NodeId Life, TaskCompletionSource Led)> _waiting = [];
    private NodeId _leader;

    /// <summary>Ends when it leads, at once when it does so already.</summary>
    /// <param name="life">Who.</param>
    /// <param name="forget">Ends the wait.</param>
    public Task UntilAsync(NodeId life, CancellationToken forget)
    {
        var led = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_leader == life)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((life, led));
        }

        forget.UnsafeRegister(
            _ =>
            {
                lock (_gate)
                {
                    _waiting.Remove((life, led));
                }

                led.TrySetCanceled(forget);
            },
            null);
        return led.Task;
    }

    /// <summary>Somebody else is followed, or nobody.</summary>
    public void Changed(Ballot leader)
    {
        lock (_gate)
        {
            _leader = leader.Owner;
            foreach (var (life, led) in _waiting)
            {
                if (life == _leader)
                {
                    led.TrySetResult();
                }
            }

            _waiting.RemoveAll(waiting => waiting.Life == _leader);
        }
    }
}
