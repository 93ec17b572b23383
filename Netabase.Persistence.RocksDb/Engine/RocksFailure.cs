using RocksDbSharp;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>The one place where RocksDB's errors, which are sentences that begin with their kind, become ours (util/status.cc).</summary>
internal static class RocksFailure
{
    public static StoreException Translate(RocksDbException failure, string path) => Translate(failure.Message, path, failure);

    public static StoreException Translate(string message, string path, Exception? inner = null) =>
        new(Classify(message), $"{path}: {message}", inner);

    /// <summary>A file that cannot be appended to holds a torn record, which is cut off; one that cannot be synced holds a whole one, and who knows where.</summary>
    private static StoreError Classify(string message) =>
        message.Contains("sync", StringComparison.Ordinal) && message.StartsWith("IO error", StringComparison.Ordinal) ? StoreError.Unavailable
        : message.Contains("No space left", StringComparison.OrdinalIgnoreCase) || message.Contains("Space limit reached", StringComparison.Ordinal) ? StoreError.Full
        : message.StartsWith("Corruption", StringComparison.Ordinal) || message.Contains("does not exist (create_if_missing is false)", StringComparison.Ordinal)
            || message.Contains("No such file", StringComparison.Ordinal) || message.Contains("checksum mismatch", StringComparison.Ordinal) ? StoreError.Damaged
        : message.StartsWith("Busy", StringComparison.Ordinal) || message.StartsWith("Timed out", StringComparison.OrdinalIgnoreCase)
            || message.StartsWith("Resource busy", StringComparison.Ordinal) || message.Contains("lock ", StringComparison.Ordinal) ? StoreError.Busy
        : StoreError.Unavailable;
}
