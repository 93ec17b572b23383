using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Actors.Events;
using Netabase.Actors.Settings;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>What one run of a node is made of, shared by its actors and its client. It outlives every actor of the run.</summary>
internal sealed class NodeParts
{
    public NodeParts(NetabaseSettings settings, ModelCatalog catalog, IRecordStore store, TimeProvider time, Announcer announcer)
    {
        Settings = settings;
        Catalog = catalog;
        Store = store;
        Time = time;
        Announcer = announcer;
        Clock = new NodeClock(ReadReservation(), settings.Stores.ClockReserve);
        Lanes = [.. catalog.Models.Select(_ => new StoreLane(settings.Stores.QueueMax))];
        TransactionLane = new StoreLane(settings.Stores.QueueMax);
    }

    public NetabaseSettings Settings { get; }

    public ModelCatalog Catalog { get; }

    public IRecordStore Store { get; }

    public TimeProvider Time { get; }

    public Announcer Announcer { get; }

    public NodeClock Clock { get; }

    /// <summary>One a model, by its place.</summary>
    public ImmutableArray<StoreLane> Lanes { get; }

    /// <summary>Transactions over several models.</summary>
    public StoreLane TransactionLane { get; }

    public IEnumerable<StoreLane> AllLanes => Lanes.Append(TransactionLane);

    /// <summary>Set by the parent of the writers while it lives: who hears of damage that a reader met.</summary>
    public IActorRef? StoresSupervisor { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long Now() => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The timestamp at which an operation that begins now is over.</summary>
    public long DeadlineAfter(TimeSpan timeout) =>
        Time.GetTimestamp() + (long)(timeout.TotalSeconds * Time.TimestampFrequency);

    /// <summary>Stops a model whose data were found damaged.</summary>
    public void TellDamage(int model, string detail)
    {
        Lanes[model].Close(RefusalReason.StoreDamaged, detail);
        StoresSupervisor?.Tell(new Supervision.SupervisionProtocol.ModelDamaged(model, detail));
    }

    private Payload? ReadReservation()
    {
        using var snapshot = Store.OpenSnapshot(Now());
        return snapshot.ReadMark(NodeClock.Mark);
    }
}
