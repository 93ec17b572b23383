using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Netabase.Actors.Settings;
using Netabase.Actors.Swarm;
using Netabase.Persistence;

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

    /// <summary>Where the network logs; the actors log to their system.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
