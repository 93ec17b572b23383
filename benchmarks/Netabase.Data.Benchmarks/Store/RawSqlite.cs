using System.Buffers;
using Microsoft.Data.Sqlite;

namespace Netabase.Data.Benchmarks.Store;

/// <summary>Microsoft.Data.Sqlite by hand, as well as it goes: rowid table, prepared statements, WAL, synchronous=FULL.</summary>
internal sealed class RawSqlite : IContestant
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _get;
    private readonly SqliteCommand _group;
    private readonly SqliteCommand _crowd;

    public RawSqlite(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY");
        Execute("CREATE TABLE note (id INTEGER PRIMARY KEY, key BLOB NOT NULL, grp BLOB, crowd BLOB, value BLOB NOT NULL)");
        Execute("CREATE UNIQUE INDEX note_key ON note (key); CREATE INDEX note_grp ON note (grp); CREATE INDEX note_crowd ON note (crowd)");
        _insert = Prepare(
            "INSERT INTO note (key, grp, crowd, value) VALUES ($a, $b, $c, $d) ON CONFLICT (key) DO UPDATE SET grp = excluded.grp, crowd = excluded.crowd, value = excluded.value",
            "$a", "$b", "$c", "$d");
        _get = Prepare("SELECT value FROM note WHERE key = $a", "$a");
        _group = Prepare("SELECT value FROM note WHERE grp = $a", "$a");
        _crowd = Prepare("SELECT value FROM note WHERE crowd = $a", "$a");
    }

    public string Name => "raw Microsoft.Data.Sqlite";

    public Task PutAsync(IReadOnlyList<Notes.Note> notes, int batch)
    {
        foreach (var chunk in notes.Chunk(batch))
        {
            using var transaction = _connection.BeginTransaction();
            _insert.Transaction = transaction;
            foreach (var note in chunk)
            {
                var value = new ArrayBufferWriter<byte>(note.Body.Length + 64);
                Notes.Note.Encode(note, value);
                _insert.Parameters[0].Value = Notes.KeyOf(note.Id);
                _insert.Parameters[1].Value = Notes.KeyOf(note.Group);
                _insert.Parameters[2].Value = Notes.KeyOf(note.Crowd);
                _insert.Parameters[3].Value = value.WrittenSpan.ToArray();
                _insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return Task.CompletedTask;
    }

    public Notes.Note? Get(Guid id)
    {
        _get.Parameters[0].Value = Notes.KeyOf(id);
        using var reader = _get.ExecuteReader();
        return reader.Read() ? Notes.Note.Decode(reader.GetFieldValue<byte[]>(0)) : null;
    }

    public int Query(bool isCrowd, int number)
    {
        var command = isCrowd ? _crowd : _group;
        command.Parameters[0].Value = Notes.KeyOf(number);
        var notes = new List<Notes.Note>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            notes.Add(Notes.Note.Decode(reader.GetFieldValue<byte[]>(0)));
        }

        return notes.Count;
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(name, SqliteType.Blob);
        }

        command.Prepare();
        return command;
    }
}
