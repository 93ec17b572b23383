using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Netabase.Actors.Paxos;

/// <summary>
/// Runs its actors one after the other, on a thread of the pool that stays as long as there is something to do. What actors tell each other
/// then waits for no thread to wake up, which costs more than all they do with it; and two of them never run at once.
/// </summary>
internal sealed class SerialDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator), IThreadPoolWorkItem
{
    // Others want the thread too.
    private const int TurnsMax = 64;

    private readonly ConcurrentQueue<IRunnable> _waiting = new();
    private int _count;

    /// <summary>Makes one known to an actor system. Idempotent.</summary>
    /// <param name="system">The system, which may be the application's own and long running.</param>
    /// <param name="id">The name by which actors choose it.</param>
    public static void Register(ActorSystem system, string id)
    {
        if (!system.Dispatchers.HasDispatcher(id))
        {
            var config = ConfigurationFactory.ParseString($"id = \"{id}\"").WithFallback(system.Settings.Config.GetConfig(Dispatchers.DefaultDispatcherId));
            system.Dispatchers.RegisterConfigurator(id, new SerialConfigurator(config, system.Dispatchers.Prerequisites));
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            // Counted after it was put there: as many are there as are counted.
            if (_waiting.TryDequeue(out var next))
            {
                next.Run();
                if (Interlocked.Decrement(ref _count) == 0)
                {
                    return;
                }
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    protected override void ExecuteTask(IRunnable run)
    {
        _waiting.Enqueue(run);
        if (Interlocked.Increment(ref _count) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>It has nothing of its own to end.</summary>
    protected override void Shutdown()
    {
    }

    private sealed class SerialConfigurator : MessageDispatcherConfigurator
    {
        private readonly SerialDispatcher _dispatcher;

        public SerialConfigurator(Config config, IDispatcherPrerequisites prerequisites)
            : base(config, prerequisites) => _dispatcher = new SerialDispatcher(this);

        public override MessageDispatcher Dispatcher() => _dispatcher;
    }
}
