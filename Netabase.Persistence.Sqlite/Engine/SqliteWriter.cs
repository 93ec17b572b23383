using System.Collections.Immutable;
using Netabase.Persistence.Writing;
using Netabase.Protocol.Records;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>The connection that writes, with all its statements prepared. Driven by the commit queue's thread alone.</summary>
internal sealed class SqliteWriter : CommitTarget
{
    private readonly SqliteConnection _connection;
    private readonly SqliteLog _log;
    private readonly SqliteInspection _inspection;
    private readonly string _path;
    private readonly Table[] _tables;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _setMark;
    private readonly SqliteStatement _unsetMark;
    private byte[] _room = new byte[4096];
    private bool _isSynced = true;

    /// <summary>The last row id given, in whatever table; none is given twice, so that an insert can be told from an update.</summary>
    private long _lastId;

    public SqliteWriter(SqliteConnection connection, SqliteNames[] names, SqliteStoreOptions options, SqliteInspection inspection, string path)
    {
        _connection = connection;
        _log = new SqliteLog(connection, options);
        _inspection = inspection;
        _path = path;
        _tables = [.. names.Select(name => new Table(connection, name))];
        _lastId = names.Select(name => connection.QueryNumber($"SELECT ifnull(max(id), 0) FROM {name.Table}")).DefaultIfEmpty(0).Max();
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _setMark = connection.Prepare(SqliteTexts.SetMark);
        _unsetMark = connection.Prepare(SqliteTexts.UnsetMark);
    }

    /// <summary>What is not synced is lost from the log's end only, and whatever is syncs all before it (https://sqlite.org/pragma.html#pragma_synchronous).</summary>
    public override void Begin(bool isSynced)
    {
        if (_isSynced != isSynced)
        {
            // Between transactions is the only place where SQLite takes it.
            _connection.Execute(isSynced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _isSynced = isSynced;
        }

        _begin.Run();
    }

    public override void Commit() => _commit.Run();

    public override void Settle() => _log.Settle();

    public override void Rollback()
    {
        // After a full disk or an I/O error SQLite has rolled back by itself.
        if (_connection.IsInTransaction)
        {
            try
            {
                _connection.Execute("ROLLBACK");
            }
            catch (StoreException)
            {
                // The connection's transaction is dead either way, and the reason was told by what failed before.
            }
        }
    }

    protected override SweepOutcome SweepModel(int model, long now, int limit)
    {
        var statement = TableOf(model).Sweep;
        int records = 0, tombstones = 0;
        try
        {
            statement.Bind(1, now);
            statement.Bind(2, (long)limit);
            while (statement.Step())
            {
                _ = statement.Number(0) == (long)RowState.Live ? records++ : tombstones++;
            }
        }
        finally
        {
            statement.Reset();
        }

        return new SweepOutcome(records, tombstones, records + tombstones == limit);
    }

    public override void Dispose()
    {
        foreach (var table in _tables)
        {
            table.Dispose();
        }

        _log.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _setMark.Dispose();
        _unsetMark.Dispose();
        _connection.Dispose();
    }

    protected override bool TryVisit<TState>(int model, Payload key, TState state, RowVisitor<TState> visit)
    {
        var statement = TableOf(model).Row;
        try
        {
            statement.Bind(1, key.Span);
            if (!statement.Step())
            {
                return false;
            }

            SqliteRow.Read(statement.Blob(0), key.Span, _path, out var metadata, out var rowState, out var value);
            visit(state, new StoreRow(key.Span, value, metadata, rowState));
            return true;
        }
        finally
        {
            statement.Reset();
        }
    }

    protected override long Put(
        int model, Payload key, Payload value, RecordMetadata metadata, RowState state, ImmutableArray<Payload?> indexKeys, long now)
    {
        var table = TableOf(model);
        var wasLive = table.MayHoldDead ? IsLive(table, key, now) : (bool?)null;
        var id = ++_lastId;
        var length = SqliteRow.Measure(metadata, value.Length);
        if (_room.Length < length)
        {
            _room = new byte[length * 2];
        }

        var row = _room.AsSpan(0, length);
        SqliteRow.Write(row, key.Span, metadata, value.Span, state);
        var statement = table.Upsert;
        statement.Bind(1, id);
        statement.Bind(2, key.Span);
        statement.Bind(3, (long)state);
        statement.Bind(4, metadata.ExpiresAt);
        statement.Bind(5, row);
        for (var i = 0; i < table.IndexCount; i++)
        {
            statement.Bind(i + 6, indexKeys.IsEmpty ? null : indexKeys[i]);
        }

        statement.Run();
        table.MayHoldDead |= state == RowState.Tombstone || metadata.ExpiresAt is not null;

        // The id is fresh: when it is not the last one inserted, the row was there and was updated under its own.
        return wasLive ?? _connection.LastInsertId != id ? 1 : 0;
    }

    private static bool IsLive(Table table, Payload key, long now)
    {
        var statement = table.Liveness;
        try
        {
            statement.Bind(1, key.Span);
            return statement.Step() && IsLive(statement, now);
        }
        finally
        {
            statement.Reset();
        }
    }

    private static bool IsLive(SqliteStatement statement, long now) =>
        statement.Number(0) == (long)RowState.Live && !(!statement.IsNull(1) && RecordRules.IsExpired(statement.Number(1), now));

    protected override long Remove(int model, Payload key, long now)
    {
        var statement = TableOf(model).Remove;
        try
        {
            statement.Bind(1, key.Span);
            var removed = 0L;
            while (statement.Step())
            {
                removed += IsLive(statement, now) ? 1 : 0;
            }

            return removed;
        }
        finally
        {
            statement.Reset();
        }
    }

    protected override long Clear(int model, long now)
    {
        var table = TableOf(model);
        long live;
        try
        {
            table.Count.Bind(SqliteTexts.NowPlace, now);
            live = table.Count.Step() ? table.Count.Number(0) : 0;
        }
        finally
        {
            table.Count.Reset();
        }

        table.Clear.Run();
        return live;
    }

    protected override void SetMark(string name, Payload? value)
    {
        var statement = value is null ? _unsetMark : _setMark;
        statement.Bind(1, name);
        if (value is { } bytes)
        {
            statement.Bind(2, bytes.Span);
        }

        statement.Run();
    }

    private Table TableOf(int model)
    {
        _inspection.Refuse(model);
        return _tables[model];
    }

    /// <summary>The statements of one model's table, and what the only writer knows of it.</summary>
    private sealed class Table : IDisposable
    {
        public Table(SqliteConnection connection, SqliteNames names)
        {
            IndexCount = names.Columns.Length;
            Upsert = connection.Prepare(SqliteTexts.Upsert(names));
            Row = connection.Prepare(SqliteTexts.Row(names));
            Liveness = connection.Prepare($"SELECT state, expires FROM {names.Table} WHERE key = ?1");
            Remove = connection.Prepare(SqliteTexts.Remove(names));
            Clear = connection.Prepare(SqliteTexts.Clear(names));
            Sweep = connection.Prepare(SqliteTexts.Sweep(names));
            Count = connection.Prepare(SqliteTexts.For(new SqliteQuestion(SqliteAnswer.Count, 0, -1, default, default, false), names));
            MayHoldDead = connection.QueryNumber(
                $"SELECT EXISTS (SELECT 1 FROM {names.Table} WHERE expires IS NOT NULL) OR EXISTS (SELECT 1 FROM {names.Table} WHERE state = 1)") != 0;
        }

        public int IndexCount { get; }

        public SqliteStatement Upsert { get; }

        public SqliteStatement Row { get; }

        public SqliteStatement Liveness { get; }

        public SqliteStatement Remove { get; }

        public SqliteStatement Clear { get; }

        public SqliteStatement Sweep { get; }

        public SqliteStatement Count { get; }

        /// <summary>False while it is sure that every row is a record without expiry: then a put need not look what it replaces.</summary>
        public bool MayHoldDead { get; set; }

        public void Dispose()
        {
            foreach (var statement in new[] { Upsert, Row, Liveness, Remove, Clear, Sweep, Count })
            {
                statement.Dispose();
            }
        }
    }
}
