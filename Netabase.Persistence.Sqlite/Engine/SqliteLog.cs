using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>
/// Keeps the write-ahead log short, after the callers of a commit have their answers. A checkpoint beside the readers copies
/// what no reader needs any more, but as long as one reader follows the other the log never begins anew; beyond its bound the
/// writer therefore waits a moment for those under way, while new ones read from the database (https://sqlite.org/wal.html,
/// "avoiding excessively large WAL files").
/// </summary>
internal sealed unsafe class SqliteLog : IDisposable
{
    private const int FrameHeaderLength = 24;

    /// <summary>How long the writer waits for readers that hold the log; longer ones are waited for the next time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly SqliteConnection _connection;
    private readonly int _checkpointFrames;
    private readonly int _framesMax;
    private int* _frames;
    private int _lastFrames;
    private int _tryAt;
    private bool _isBroken;

    public SqliteLog(SqliteConnection connection, SqliteStoreOptions options)
    {
        _connection = connection;
        _checkpointFrames = options.CheckpointPages;
        _framesMax = (int)Math.Clamp(
            options.LogBytesMax / (connection.QueryNumber("PRAGMA page_size") + FrameHeaderLength), _checkpointFrames, int.MaxValue);
        _tryAt = _checkpointFrames;
        _frames = (int*)NativeMemory.AllocZeroed(sizeof(int));
        connection.HookLog(&NoteFrames, (nint)_frames);
    }

    public void Settle()
    {
        var frames = *_frames;
        _tryAt = frames < _lastFrames ? _checkpointFrames : _tryAt;
        _lastFrames = frames;
        if (frames < _tryAt || _isBroken)
        {
            return;
        }

        _tryAt = frames + _checkpointFrames;

        // What a failed sync of the database has lost is in the log alone, and must stay there until it is read again at the next opening.
        _isBroken = !_connection.TryCheckpoint(mustBeginAnew: frames >= _framesMax, Patience);
    }

    public void Dispose()
    {
        _connection.HookLog(null, 0);
        NativeMemory.Free(_frames);
        _frames = null;
    }

    /// <summary>Called by SQLite after each commit with the length of the log.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NoteFrames(nint frames, nint db, byte* name, int length)
    {
        *(int*)frames = length;
        return 0;
    }
}
