using System.Buffers;
using RocksDbSharp;

namespace Netabase.Data.Benchmarks.Store;

/// <summary>The RocksDB package by hand: rows in one column family, index entries in another, synced write batches.</summary>
internal sealed class RawRocksDb : IContestant
{
    private const byte Group = 1;
    private const byte Crowd = 2;

    private readonly RocksDb _db;
    private readonly ColumnFamilyHandle _index;
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);

    public RawRocksDb(string path)
    {
        var table = new BlockBasedTableOptions().SetBlockCache(Cache.CreateLru(64 << 20)).SetFilterPolicy(BloomFilterPolicy.Create(10, false));
        var family = new ColumnFamilyOptions().SetBlockBasedTableFactory(table).SetWriteBufferSize(64 << 20);
        _db = RocksDb.Open(
            new DbOptions().SetCreateIfMissing(true).SetCreateMissingColumnFamilies(true), path, new ColumnFamilies { { "default", family }, { "index", family } });
        _index = _db.GetColumnFamily("index");
    }

    public string Name => "raw RocksDB";

    public Task PutAsync(IReadOnlyList<Notes.Note> notes, int batch)
    {
        foreach (var chunk in notes.Chunk(batch))
        {
            using var writes = new WriteBatch();
            foreach (var note in chunk)
            {
                var value = new ArrayBufferWriter<byte>(note.Body.Length + 64);
                Notes.Note.Encode(note, value);
                var key = Notes.KeyOf(note.Id);
                writes.Put(key, value.WrittenSpan.ToArray());
                byte[] group = [Group, .. Notes.KeyOf(note.Group), .. key], crowd = [Crowd, .. Notes.KeyOf(note.Crowd), .. key];
                writes.Put(group, Array.Empty<byte>(), _index);
                writes.Put(crowd, Array.Empty<byte>(), _index);
            }

            _db.Write(writes, _synced);
        }

        return Task.CompletedTask;
    }

    public Notes.Note? Get(Guid id) => _db.Get(Notes.KeyOf(id)) is { } value ? Notes.Note.Decode(value) : null;

    public int Query(bool isCrowd, int number)
    {
        byte[] prefix = [isCrowd ? Crowd : Group, .. Notes.KeyOf(number)];
        var notes = new List<Notes.Note>();
        using var iterator = _db.NewIterator(_index);
        for (iterator.Seek(prefix); iterator.Valid() && iterator.GetKeySpan().StartsWith(prefix); iterator.Next())
        {
            notes.Add(Notes.Note.Decode(_db.Get(iterator.GetKeySpan()[prefix.Length..].ToArray())));
        }

        return notes.Count;
    }

    public ValueTask DisposeAsync()
    {
        _db.Dispose();
        return ValueTask.CompletedTask;
    }
}
