using Netabase.Protocol.Records;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>A connection that reads, with its statements. Used by one reader at a time.</summary>
internal sealed class SqliteReader(SqliteConnection connection, SqliteNames[] names, SqliteInspection inspection, string path) : IDisposable
{
    private static readonly long PinShape = new SqliteQuestion(SqliteAnswer.Pin, 0, -1, default, default, false).Shape;
    private static readonly long MarkShape = new SqliteQuestion(SqliteAnswer.Mark, 0, -1, default, default, false).Shape;

    private readonly SqliteStatement?[] _rows = new SqliteStatement?[names.Length];
    private SqliteStatement? _pin;

    /// <summary>Holds the newest state until <see cref="Unpin"/>.</summary>
    public void Pin()
    {
        _pin = connection.Rent(PinShape, 0, static _ => SqliteTexts.Pin);
        try
        {
            _pin.Step();
        }
        catch
        {
            Unpin();
            throw;
        }
    }

    public void Unpin()
    {
        if (_pin is { } pin)
        {
            _pin = null;
            connection.Return(PinShape, pin);
        }
    }

    public bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read)
    {
        inspection.Refuse(model);
        var statement = _rows[model] ?? connection.Prepare(SqliteTexts.Row(names[model]));
        _rows[model] = null;
        try
        {
            statement.Bind(1, key);
            if (!statement.Step())
            {
                return false;
            }

            SqliteRow.Read(statement.Blob(0), key, path, out var metadata, out var rowState, out var value);
            if (rowState != RowState.Live || RecordRules.IsExpired(metadata.ExpiresAt, now))
            {
                return false;
            }

            read(state, new StoreRow(key, value, metadata, rowState));
            return true;
        }
        finally
        {
            statement.Reset();
            if (_rows[model] is null)
            {
                _rows[model] = statement;
            }
            else
            {
                statement.Dispose();
            }
        }
    }

    public int Scan<TState>(in StoreQuery query, int place, long now, TState state, RowVisitor<TState> visit)
    {
        inspection.Refuse(query.Model);
        var question = SqliteQuestion.Of(query.WithTombstones ? SqliteAnswer.RowsWithTombstones : SqliteAnswer.Rows, query, place);
        var statement = Rent(question);
        try
        {
            question.Bind(statement);
            statement.Bind(SqliteTexts.NowPlace, now);
            statement.Bind(SqliteTexts.LimitPlace, query.Limit ?? -1L);
            statement.Bind(SqliteTexts.OffsetPlace, (long)query.Offset);
            var visited = 0;
            while (statement.Step())
            {
                visited++;
                var key = statement.Blob(0);
                SqliteRow.Read(statement.Blob(1), key, path, out var metadata, out var rowState, out var value);
                var indexKey = place < 0 ? default : statement.Blob(2);
                if (place >= 0 && (!indexKey.SequenceEqual(statement.Blob(3)) || rowState != RowState.Live || RecordRules.IsExpired(metadata.ExpiresAt, now)))
                {
                    throw new StoreException(StoreError.Damaged, $"{path}: an index entry of the record {Convert.ToHexStringLower(key)} is not what was written");
                }

                if (!visit(state, new StoreRow(key, value, metadata, rowState, indexKey)))
                {
                    break;
                }
            }

            return visited;
        }
        finally
        {
            connection.Return(question.Shape, statement);
        }
    }

    public long Count(in StoreQuery query, int place, long now)
    {
        if (query.WithTombstones)
        {
            return Scan(query, place, now, 0, static (int _, in StoreRow _) => true);
        }

        inspection.Refuse(query.Model);
        var question = SqliteQuestion.Of(SqliteAnswer.Count, query, place);
        var statement = Rent(question);
        try
        {
            question.Bind(statement);
            statement.Bind(SqliteTexts.NowPlace, now);
            var rows = statement.Step() ? statement.Number(0) : 0;
            return Math.Min(Math.Max(0, rows - query.Offset), query.Limit ?? long.MaxValue);
        }
        finally
        {
            connection.Return(question.Shape, statement);
        }
    }

    public Payload? ReadMark(string name)
    {
        var statement = connection.Rent(MarkShape, 0, static _ => SqliteTexts.Mark);
        try
        {
            statement.Bind(1, name);
            return statement.Step() ? Payload.Copy(statement.Blob(0)) : null;
        }
        finally
        {
            connection.Return(MarkShape, statement);
        }
    }

    public void Dispose()
    {
        Unpin();
        foreach (var statement in _rows)
        {
            statement?.Dispose();
        }

        connection.Dispose();
    }

    private SqliteStatement Rent(in SqliteQuestion question) =>
        connection.Rent(question.Shape, (Question: question, names), static asked => SqliteTexts.For(asked.Question, asked.names[asked.Question.Model]));
}
