namespace Netabase.Data.Benchmarks.Store;

/// <summary>One way to keep notes: ours, or a database used by hand. Every read ends with the same decode.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Writes notes in durable batches of that size: one caller each for ours, one transaction for a raw database.</summary>
    Task PutAsync(IReadOnlyList<Notes.Note> notes, int batch);

    Notes.Note? Get(Guid id);

    /// <summary>How many notes a group (ten) or a crowd (a thousand) has, each decoded.</summary>
    int Query(bool isCrowd, int number);
}
