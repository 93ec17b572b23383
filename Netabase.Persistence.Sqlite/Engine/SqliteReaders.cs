using System.Collections.Concurrent;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>Read connections, kept for the next reader; as many are open as read at once.</summary>
internal sealed class SqliteReaders(Func<SqliteReader> open, int idleMax, string path) : IDisposable
{
    private readonly ConcurrentQueue<SqliteReader> _idle = [];
    private SqliteReader? _first;
    private int _idleCount;
    private volatile bool _isClosed;

    public SqliteReader Rent()
    {
        if (_isClosed)
        {
            throw new StoreException(StoreError.Closed, $"{path} is closed");
        }

        var first = _first;
        if (first is not null && Interlocked.CompareExchange(ref _first, null, first) == first)
        {
            return first;
        }

        if (_idle.TryDequeue(out var idle))
        {
            Interlocked.Decrement(ref _idleCount);
            return idle;
        }

        return open();
    }

    public void Return(SqliteReader reader)
    {
        if (!_isClosed)
        {
            if (_first is null && Interlocked.CompareExchange(ref _first, reader, null) is null)
            {
                CloseIdleWhenClosed();
                return;
            }

            if (Interlocked.Increment(ref _idleCount) <= idleMax)
            {
                _idle.Enqueue(reader);
                CloseIdleWhenClosed();
                return;
            }

            Interlocked.Decrement(ref _idleCount);
        }

        reader.Dispose();
    }

    /// <summary>Closes what is idle; what is at work closes when it comes back.</summary>
    public void Dispose()
    {
        _isClosed = true;
        CloseIdleWhenClosed();
    }

    private void CloseIdleWhenClosed()
    {
        if (!_isClosed)
        {
            return;
        }

        Interlocked.Exchange(ref _first, null)?.Dispose();
        while (_idle.TryDequeue(out var idle))
        {
            idle.Dispose();
        }
    }
}
