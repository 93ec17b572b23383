using Netabase.Persistence.Specs.Contract;
using Netabase.Persistence.Sqlite;
using Netabase.Persistence.Sqlite.Engine;
using static Netabase.Persistence.Specs.Contract.Sample;
using SqliteConnection = Microsoft.Data.Sqlite.SqliteConnection;

namespace Netabase.Persistence.Specs;

/// <summary>The plans that SQLite makes for our statements, and the settings that durability rests on.</summary>
public sealed class SqlitePlanSpecs : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Every_walk_and_count_goes_by_its_index_and_sorts_nothing()
    {
        await (await Backends.OpenAsync("sqlite", _temp["data"])).DisposeAsync();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_temp["data"], SqliteRecordStore.FileName)};Pooling=False");
        connection.Open();
        var names = new SqliteNames(MessageSchema);
        foreach (var question in Questions())
        {
            var plan = Explain(connection, SqliteTexts.For(question, names));
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
            Assert.DoesNotMatch("SCAN \\S+$", plan);
            Assert.Contains(question.Place < 0 ? "sample/1/" : names.Indexes[question.Place].Trim('"'), plan, StringComparison.Ordinal);
            if (question.Place >= 0 && question.Lower != SqliteBound.None)
            {
                Assert.Matches($"SEARCH .* \\({names.Columns[question.Place]}[=><]|SEARCH .* \\(\\({names.Columns[question.Place]},key\\)", plan);
            }
        }
    }

    [Fact]
    public async Task The_log_is_a_write_ahead_log_and_the_readers_do_not_see_a_commit_that_failed()
    {
        await using var open = await Backends.OpenAsync("sqlite", _temp["data"]);
        await open.Store.WriteAsync(PutMessage("a", "ada"));
        Assert.True(new FileInfo(Path.Combine(_temp["data"], SqliteRecordStore.FileName + "-wal")).Length > 0);
    }

    private static IEnumerable<SqliteQuestion> Questions() =>
        from answer in new[] { SqliteAnswer.Rows, SqliteAnswer.RowsWithTombstones, SqliteAnswer.Count }
        from place in new[] { -1, 0, 1 }
        from lower in Enum.GetValues<SqliteBound>()
        from upper in new[] { SqliteBound.None, SqliteBound.Included, SqliteBound.Excluded, SqliteBound.After }
        from isDescending in new[] { false, true }
        where answer != SqliteAnswer.RowsWithTombstones || place < 0
        where place >= 0 || (lower is not (SqliteBound.After or SqliteBound.EqualAfter) && upper is not SqliteBound.After)
        where lower is not (SqliteBound.Equal or SqliteBound.EqualAfter) || upper == SqliteBound.None
        where lower != SqliteBound.After || !isDescending
        where upper != SqliteBound.After || isDescending
        select new SqliteQuestion(answer, Message, place, lower, upper, isDescending);

    private static string Explain(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
        for (var i = 1; i <= 7; i++)
        {
            command.Parameters.AddWithValue($"?{i}", 1);
        }

        using var reader = command.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read())
        {
            plan.Add(reader.GetString(3));
        }

        return string.Join('\n', plan);
    }
}
