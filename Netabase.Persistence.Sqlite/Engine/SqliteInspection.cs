namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>
/// Checks a database that was too large to be checked before its first use: each model's table with its indexes, on a
/// connection of its own beside the traffic. What it finds is told to whoever reads or writes that model from then on.
/// </summary>
internal sealed class SqliteInspection : IDisposable
{
    private readonly string?[] _findings;
    private readonly string _path;
    private readonly SqliteNames[] _names;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private SqliteConnection? _connection;
    private bool _isClosed;

    public SqliteInspection(SqliteNames[] names, string path)
    {
        _names = names;
        _path = path;
        _findings = new string?[names.Length];
    }

    /// <summary>Completes when everything was looked at, or nobody wants to know any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Looks on a thread of its own, since it blocks and takes as long as the file is large.</summary>
    public void Start(Func<SqliteConnection> open) =>
        new Thread(() => Run(open)) { IsBackground = true, Name = $"netabase inspection {_path}", Priority = ThreadPriority.BelowNormal }.Start();

    /// <exception cref="StoreException">Damaged: the model's data are known not to be what was written.</exception>
    public void Refuse(int model)
    {
        if (Volatile.Read(ref _findings[model]) is { } finding)
        {
            throw new StoreException(StoreError.Damaged, $"{_path}: {finding}") { Model = model };
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _connection?.Interrupt();
        }
    }

    private void Run(Func<SqliteConnection> open)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = open();
            lock (_gate)
            {
                _connection = connection;
            }

            for (var model = 0; model < _names.Length && !_isClosed; model++)
            {
                Volatile.Write(ref _findings[model], Inspect(connection, _names[model]));
            }
        }
        catch (StoreException)
        {
            // Closed meanwhile, or the disk refuses: whoever reads next meets it and is told.
        }
        finally
        {
            lock (_gate)
            {
                _connection = null;
            }

            connection?.Dispose();
            _ended.TrySetResult();
        }
    }

    private static string? Inspect(SqliteConnection connection, SqliteNames names)
    {
        try
        {
            return connection.QueryText($"PRAGMA integrity_check({names.Table})") is var finding and not "ok" ? finding : null;
        }
        catch (StoreException damage) when (damage.Error == StoreError.Damaged)
        {
            return damage.Message;
        }
    }
}
