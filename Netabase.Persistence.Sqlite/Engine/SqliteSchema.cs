using System.Collections.Immutable;
using Netabase.Persistence.Catalogue;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>
/// Brings the database up to a layout, in one transaction: a crash in its midst leaves the old one. One row table a model
/// with a unique index on the key, since a table ordered by a random key is nine times slower to write at 1 KiB a value.
/// </summary>
internal sealed class SqliteSchema(SqliteConnection connection, StoreLayout layout, string path)
{
    private const int PageRows = 1000;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS netabase_models (
            definition TEXT NOT NULL, tag INTEGER NOT NULL, entry BLOB NOT NULL, PRIMARY KEY (definition, tag)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS netabase_marks (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        """;

    public void BringUp(CancellationToken cancellation)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            connection.Execute(Tables);
            var plans = CataloguePlan.For(ReadCatalogue(), layout);
            for (var model = 0; model < plans.Length; model++)
            {
                BringUp(model, plans[model], cancellation);
            }

            connection.Execute("COMMIT");
        }
        catch
        {
            if (connection.IsInTransaction)
            {
                connection.Execute("ROLLBACK");
            }

            throw;
        }
    }

    private void BringUp(int model, CataloguePlan plan, CancellationToken cancellation)
    {
        if (!plan.IsChanged)
        {
            return;
        }

        var names = new SqliteNames(layout.Models[model]);
        if (plan.IsNew)
        {
            Create(names);
        }

        foreach (var number in plan.Drop.Concat(plan.Build))
        {
            connection.Execute($"DROP INDEX IF EXISTS {names.IndexOf(number)}");
        }

        foreach (var number in plan.Build)
        {
            Fill(model, names, number, cancellation);
        }

        using var save = connection.Prepare(
            "INSERT INTO netabase_models (definition, tag, entry) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET entry = excluded.entry");
        save.Bind(1, plan.Entry.Definition);
        save.Bind(2, (long)plan.Entry.Tag);
        save.Bind(3, plan.Entry.ToJson());
        save.Run();
    }

    private ImmutableArray<CatalogueEntry> ReadCatalogue()
    {
        var entries = ImmutableArray.CreateBuilder<CatalogueEntry>();
        using var statement = connection.Prepare("SELECT entry FROM netabase_models ORDER BY definition, tag");
        while (statement.Step())
        {
            entries.Add(CatalogueEntry.Parse(statement.Blob(0)));
        }

        return entries.ToImmutable();
    }

    /// <summary>The row comes last, so that the small columns are found without reading through it.</summary>
    private void Create(SqliteNames names)
    {
        var columns = string.Concat(names.Columns.Select(column => $", {column} BLOB"));
        connection.Execute(
            $"""
            CREATE TABLE {names.Table} (id INTEGER PRIMARY KEY, key BLOB NOT NULL, state INTEGER NOT NULL, expires INTEGER{columns}, row BLOB NOT NULL);
            CREATE UNIQUE INDEX {names.KeyIndex} ON {names.Table} (key);
            CREATE INDEX {names.ExpiryIndex} ON {names.Table} (expires, key) WHERE expires IS NOT NULL;
            CREATE INDEX {names.TombstoneIndex} ON {names.Table} (key, expires) WHERE state = 1;
            """);
        for (var i = 0; i < names.Columns.Length; i++)
        {
            CreateIndex(names, names.Indexes[i], names.Columns[i]);
        }
    }

    /// <summary>In the order of a walk (secondary key, primary key), with the expiry so that a count needs no row; no entry for a null.</summary>
    private void CreateIndex(SqliteNames names, string index, string column) =>
        connection.Execute($"CREATE INDEX {index} ON {names.Table} ({column}, key, expires) WHERE {column} IS NOT NULL");

    private void Fill(int model, SqliteNames names, int number, CancellationToken cancellation)
    {
        var column = SqliteNames.ColumnOf(number);
        if (connection.QueryNumber($"SELECT count(*) FROM pragma_table_info('{names.Table.Trim('"')}') WHERE name = '{column}'") == 0)
        {
            connection.Execute($"ALTER TABLE {names.Table} ADD COLUMN {column} BLOB");
        }

        using var select = connection.Prepare($"SELECT id, key, row FROM {names.Table} WHERE id > ?1 ORDER BY id LIMIT {PageRows}");
        using var update = connection.Prepare($"UPDATE {names.Table} SET {column} = ?1 WHERE id = ?2");
        var last = long.MinValue;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var page = ReadPage(select, model, number, last);
            foreach (var (id, indexKey) in page)
            {
                update.Bind(1, indexKey);
                update.Bind(2, id);
                update.Run();
            }

            if (page.Count < PageRows)
            {
                break;
            }

            last = page[^1].Id;
        }

        CreateIndex(names, names.IndexOf(number), column);
    }

    private List<(long Id, Payload? IndexKey)> ReadPage(SqliteStatement select, int model, int number, long last)
    {
        var page = new List<(long, Payload?)>();
        try
        {
            select.Bind(1, last);
            while (select.Step())
            {
                SqliteRow.Read(select.Blob(2), select.Blob(1), path, out _, out var state, out var value);
                page.Add((select.Number(0), state == RowState.Live ? layout.DeriveIndexKey(model, number, value) : null));
            }
        }
        finally
        {
            select.Reset();
        }

        return page;
    }
}
