using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Actors.Paxos.State;
using Netabase.Actors.Settings;
using Netabase.Persistence;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>From settings to the groups of a run.</summary>
internal static class GroupOpening
{
    /// <summary>Opens every group of a node; from then on the models they govern are written through them alone.</summary>
    /// <exception cref="SettingsException">A group cannot be as it is configured.</exception>
    /// <exception cref="StoreException">A journal is held by another process, not durable, or cannot be used.</exception>
    public static ImmutableArray<PaxosGroup> Open(NodeSetup setup, NodeParts parts, DataFolder? folder)
    {
        var settings = setup.Settings.Consensus.All;
        if (settings.IsEmpty)
        {
            return [];
        }

        var network = parts.Network
            ?? throw new SettingsException("netabase.paxos.groups", settings[0].Name, "needs a network, whose key names this node among the members (netabase.network.enabled)");
        var journal = setup.Journal
            ?? throw new SettingsException("netabase.paxos.journal.backend", setup.Settings.Consensus.Journal.Backend, "is not plugged in");
        var groups = ImmutableArray.CreateBuilder<PaxosGroup>(settings.Length);
        try
        {
            foreach (var group in settings)
            {
                RefuseUnknown(group, parts.Catalog);
                groups.Add(PaxosGroup.Open(parts, group, network.LocalPeer, folder, journal, MachineOf(group, setup, parts.Catalog), setup.Cores));
            }

            parts.Groups = groups.ToImmutable();
            Govern(parts);
            network.Meet(parts.Groups);
            return parts.Groups;
        }
        catch
        {
            foreach (var group in groups)
            {
                group.Abandon();
            }

            throw;
        }
    }

    private static IGroupMachineKind MachineOf(GroupSettings group, NodeSetup setup, ModelCatalog catalog)
    {
        var state = setup.States.FirstOrDefault(state => state.Group == group.Name);
        return (state, group.Definitions) switch
        {
            (null, _) => new RecordMachineKind(catalog, group.Definitions),
            ({ } plugged, []) => plugged.CreateKind(Math.Max(1, group.Times.KeepSlots / 4)),
            _ => throw new SettingsException(
                $"netabase.paxos.groups.{group.Name}.definitions", string.Join(", ", group.Definitions), "cannot be: the program plugged a state of its own into this group"),
        };
    }

    private static void Govern(NodeParts parts)
    {
        for (var model = 0; model < parts.Lanes.Length; model++)
        {
            if (parts.GroupOf(model) is { } group)
            {
                var definition = parts.Catalog.Models[model].Schema.Definition;
                parts.Lanes[model].Govern(
                    $"Records of {definition} are written through the log of the group {group.Settings.Name} alone: PutRecordConsensusAsync and its like do that.");
            }
        }
    }

    private static void RefuseUnknown(GroupSettings group, ModelCatalog catalog)
    {
        foreach (var definition in group.Definitions)
        {
            if (!catalog.Definitions.Any(known => known.Name == definition))
            {
                throw new SettingsException($"netabase.paxos.groups.{group.Name}.definitions", definition, "is no definition of this node");
            }

            if (catalog.Models.FirstOrDefault(model => model.Schema.Definition == definition && model.Schema.Ownership == RecordOwnership.Publisher) is { } owned)
            {
                throw new SettingsException(
                    $"netabase.paxos.groups.{group.Name}.definitions", definition, $"has the model {owned.ModelType.Name}, whose records belong to their publishers; those of a log belong to the group");
            }
        }
    }
}
