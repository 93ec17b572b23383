using Netabase.Persistence.Consensus;

namespace Netabase.Persistence.Sqlite.Journal;

/// <summary>A locked file: no second process, and nobody else in this one, can be the same acceptor. A kill gives it back.</summary>
internal sealed class FileHold : IJournalHold
{
    private readonly FileStream _lock;

    private FileHold(FileStream @lock) => _lock = @lock;

    /// <summary>A lock on a file ends with its holder.</summary>
    public CancellationToken Lost => CancellationToken.None;

    public static FileHold Take(string path)
    {
        try
        {
            return new FileHold(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException held) when (held.GetType() == typeof(IOException) && File.Exists(path))
        {
            throw new StoreException(StoreError.Locked, $"{path} is held: the same acceptor runs already, and two would vote twice", held);
        }
    }

    public void Dispose() => _lock.Dispose();
}
