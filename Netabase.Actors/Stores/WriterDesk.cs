using Akka.Actor;
using Netabase.Actors.Node;

namespace Netabase.Actors.Stores;

/// <summary>What the writer of a model and that of transactions do alike with their lane: one work at a time, heard to its end.</summary>
internal sealed class WriterDesk(NodeParts parts, StoreLane lane, IActorRef writer)
{
    /// <summary>Whether something is on its way to the disk, or being prepared for it.</summary>
    public bool IsWorking { get; set; }

    /// <summary>Gives work to the store; its end comes as <see cref="StoreProtocol.WorkEnded"/>.</summary>
    public void Begin(StoreWork work)
    {
        lane.Begin(work);
        Hear(work);
    }

    /// <summary>Hears the end of what a predecessor began.</summary>
    public void Hear(StoreWork work)
    {
        IsWorking = true;
        work.Done.PipeTo(writer, writer, () => new StoreProtocol.WorkEnded(work), _ => new StoreProtocol.WorkEnded(work));
    }

    /// <summary>
    /// Work has ended: its callers are told, and a model in which it met damage is stopped. Writes that only shared the commit
    /// with the damage go into a commit of their own at once.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="models">Those it wrote, all of which stop when it cannot be known which is damaged.</param>
    /// <returns>The damage, if there was any.</returns>
    public StoreDamagedException? Conclude(StoreWork work, IEnumerable<int> models)
    {
        IsWorking = false;
        List<PendingWrite> unharmed = [];
        try
        {
            work.Finish();
            return null;
        }
        catch (StoreDamagedException damage)
        {
            foreach (var model in damage.Model is { } one ? [one] : models)
            {
                parts.StopModel(model, damage.Message);
            }

            unharmed = work.Unharmed;
            return damage;
        }
        finally
        {
            lane.End(work, unharmed);
            if (unharmed.Count > 0)
            {
                Begin(new CommitGroup(parts, unharmed));
            }
        }
    }
}
