using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Paxos.State;
using Netabase.Actors.Settings;
using Netabase.Actors.Swarm;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Records;

namespace Netabase.Actors.Node;

/// <summary>What a node is made from.</summary>
/// <param name="Settings">Its settings.</param>
/// <param name="Definitions">The definitions whose models it holds, each once.</param>
/// <param name="Backend">The store; its name need not be that of the settings, whoever plugs it in has decided.</param>
public sealed record NodeSetup(NetabaseSettings Settings, ImmutableArray<DefinitionDescriptor> Definitions, IRecordStoreBackend Backend)
{
    /// <summary>The clock; actors' timers follow the actor system's scheduler.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the node's network when its swarm is started for the first time in a run.</summary>
    public NetworkFactory Network { get; init; } = StandardNetwork.Create;

    /// <summary>
    /// The rules of keys that are no model's, beside <c>/pk/</c> and <c>/ipns/</c> of the public network: records of keys that no rule
    /// covers are neither held nor believed.
    /// </summary>
    public ImmutableArray<IRecordValidator> Validators { get; init; } = [];

    /// <summary>Where the acceptors of groups keep their votes; a node without groups needs none.</summary>
    public IAcceptorJournalBackend? Journal { get; init; }

    /// <summary>States of the application's own for groups that govern no definitions.</summary>
    public ImmutableArray<ReplicatedStatePlug> States { get; init; } = [];

    /// <summary>The cores of a group's parts.</summary>
    internal GroupCores Cores { get; init; } = GroupCores.Standard;

    /// <summary>Where the node and its network log; what Akka itself has to say goes to the actor system's log.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
