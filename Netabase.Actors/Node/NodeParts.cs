using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Netabase.Actors.Events;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Settings;
using Netabase.Actors.Stores;
using Netabase.Actors.Swarm;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>What one run of a node is made of, shared by its actors and its client. It outlives every actor of the run.</summary>
internal sealed class NodeParts
{
    private volatile bool _isStopping;

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
        Transactions = new OpenTransactions(time, settings.Stores.TransactionAgeMax);
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

    /// <summary>Those that hold a snapshot.</summary>
    public OpenTransactions Transactions { get; }

    public IEnumerable<StoreLane> AllLanes => Lanes.Append(TransactionLane);

    /// <summary>Where the roles log.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The node among others; null where the settings say that it has no network.</summary>
    public NodeNetwork? Network { get; set; }

    /// <summary>The replicated logs it takes part in.</summary>
    public ImmutableArray<PaxosGroup> Groups { get; set; } = [];

    /// <summary>The group that governs a model, or null.</summary>
    public PaxosGroup? GroupOf(int model)
    {
        var definition = Catalog.Models[model].Schema.Definition;
        foreach (var group in Groups)
        {
            if (group.Settings.Definitions.Contains(definition))
            {
                return group;
            }
        }

        return null;
    }

    /// <summary>Whether the run is being ended on purpose.</summary>
    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }

    /// <summary>Unix milliseconds.</summary>
    public long Now() => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The timestamp at which an operation that begins now is over.</summary>
    public long DeadlineAfter(TimeSpan timeout) =>
        Time.GetTimestamp() + (long)(timeout.TotalSeconds * Time.TimestampFrequency);

    /// <summary>Stops a model whose data were found damaged, by a writer or by a reader; the first to find it tells the audience.</summary>
    public void StopModel(int model, string detail)
    {
        if (Lanes[model].Close(RefusalReason.StoreDamaged, detail))
        {
            var schema = Catalog.Models[model].Schema;
            RolesLog.StoreDamaged(Loggers.CreateLogger("Netabase.Node"), schema.Definition, schema.Tag, detail);
            Announcer.Announce(new StoreEvent.StoreDamaged(schema.Definition, schema.Tag, detail) { At = Now() });
        }
    }

    /// <summary>Answers everybody, because the actors are gone without a stop.</summary>
    public void CutOff(string detail)
    {
        foreach (var lane in AllLanes)
        {
            lane.Close(RefusalReason.NotRunning, detail);
            lane.Abandon();
        }

        Network?.SwarmLane.Close(RefusalReason.NotRunning, detail);
        Network?.QueryLane.Close(RefusalReason.NotRunning, detail);
    }

    private Payload? ReadReservation()
    {
        using var snapshot = Store.OpenSnapshot(Now());
        return snapshot.ReadMark(NodeClock.Mark);
    }
}
