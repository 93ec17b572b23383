using System.Buffers;
using Netabase.Persistence;

namespace Netabase.Data.Benchmarks.Store;

/// <summary>Our store through its port.</summary>
internal sealed class OurStore : IContestant
{
    private readonly DataFolder? _folder;
    private readonly IRecordStore _store;

    private OurStore(string name, DataFolder? folder, IRecordStore store)
    {
        Name = name;
        _folder = folder;
        _store = store;
    }

    public string Name { get; }

    public static async Task<OurStore> OpenAsync(IRecordStoreBackend backend, string path)
    {
        var folder = backend.IsPersistent ? DataFolder.Open(path, backend.Name) : null;
        var limits = new StoreLimits(66_560, 64, 4096, TimeSpan.FromSeconds(5));
        return new OurStore($"ours, {backend.Name}", folder, await backend.OpenAsync(folder, StoreLayout.Of([Notes.Definition]), limits, CancellationToken.None));
    }

    public async Task PutAsync(IReadOnlyList<Notes.Note> notes, int batch)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, batch).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var mine && mine < notes.Count)
            {
                await _store.CommitAsync([new StoreBatch([Put(notes[mine])], [])], 0, CancellationToken.None);
            }
        })));
    }

    /// <summary>Many at once, to fill a table before it is measured.</summary>
    public async Task FillAsync(IEnumerable<Notes.Note> notes)
    {
        foreach (var chunk in notes.Chunk(5000))
        {
            await _store.CommitAsync([new StoreBatch([.. chunk.Select(Put)], [])], 0, CancellationToken.None);
        }
    }

    public Notes.Note? Get(Guid id)
    {
        Span<byte> key = stackalloc byte[16];
        id.TryWriteBytes(key, bigEndian: true, out _);
        var found = new Found();
        _store.TryRead(0, key, 0, found, static (Found found, in StoreRow row) =>
        {
            found.Note = Notes.Note.Decode(row.Value);
            return true;
        });
        return found.Note;
    }

    public int Query(bool isCrowd, int number)
    {
        var query = isCrowd ? Notes.Note.Indexes.Crowd.EqualTo(number) : Notes.Note.Indexes.Group.EqualTo(number);
        var notes = new List<Notes.Note>();
        using var snapshot = _store.OpenSnapshot(0);
        snapshot.Scan(new StoreQuery(0, query.Index, query.Range), notes, static (List<Notes.Note> notes, in StoreRow row) =>
        {
            notes.Add(Notes.Note.Decode(row.Value));
            return true;
        });
        return notes.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder?.Dispose();
    }

    private static StoreWrite.Put Put(Notes.Note note)
    {
        var value = new ArrayBufferWriter<byte>(note.Body.Length + 64);
        Notes.Note.Encode(note, value);
        return new StoreWrite.Put(
            0, new Payload(Notes.KeyOf(note.Id)), new Payload(value.WrittenMemory), new RecordMetadata(new HybridTimestamp(1)),
            [Notes.Note.Indexes.Group.Encode(note.Group), Notes.Note.Indexes.Crowd.Encode(note.Crowd)]);
    }

    private sealed class Found
    {
        public Notes.Note? Note { get; set; }
    }
}
