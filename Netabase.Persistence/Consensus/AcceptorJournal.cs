namespace Netabase.Persistence.Consensus;

/// <summary>
/// Where an acceptor's votes are kept, open and held by this process alone until it is disposed. What writes it is a plugin of
/// the actors' persistence, which this project does not know: it is told here as text and by name.
/// </summary>
/// <param name="JournalPlugin">The journal plugin's path in <paramref name="Configuration"/>.</param>
/// <param name="SnapshotPlugin">The snapshot plugin's path in <paramref name="Configuration"/>.</param>
/// <param name="Configuration">HOCON that defines both plugins, to stand below the actor system's own configuration.</param>
/// <param name="Hold">What keeps other processes away; disposed with this.</param>
public sealed record AcceptorJournal(string JournalPlugin, string SnapshotPlugin, string Configuration, IJournalHold Hold) : IDisposable
{
    /// <summary>Lets other processes have it.</summary>
    public void Dispose() => Hold.Dispose();
}

/// <summary>The right to be the one process that writes a journal.</summary>
public interface IJournalHold : IDisposable
{
    /// <summary>Fires when the right was lost without being given back: whoever writes must stop at once.</summary>
    CancellationToken Lost { get; }
}

/// <summary>A kind of acceptor's journal with its own options already in it: the plug that a host chooses, by code or by configuration.</summary>
public interface IAcceptorJournalBackend
{
    /// <summary>The name in configuration: <c>sqlite</c>, <c>postgresql</c> or <c>memory</c>.</summary>
    string Name { get; }

    /// <summary>Whether what it was given survives the process. An acceptor that votes on one that does not must never come back under the same name.</summary>
    bool IsPersistent { get; }

    /// <summary>Opens the journal of one acceptor, creates it where there is none, and looks whether it is as durable as a vote has to be.</summary>
    /// <param name="folder">The node's data folder, held by the caller; null for a node without one.</param>
    /// <param name="group">The group's name: letters, digits, <c>-</c> and <c>_</c>.</param>
    /// <param name="member">Who the acceptor is, within the group.</param>
    /// <exception cref="StoreException">Another process holds it, it is not durable, or cannot be used.</exception>
    AcceptorJournal Open(DataFolder? folder, string group, string member);
}
