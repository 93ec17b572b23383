using System.Collections.Immutable;

namespace Netabase.Persistence;

/// <summary>What a store is opened for; models are named by their place here from then on.</summary>
/// <param name="Models">The models, ordered by definition name and tag.</param>
public sealed record StoreLayout(ImmutableArray<ModelSchema> Models);

/// <summary>Bounds of a store.</summary>
/// <param name="ValueMax">The most bytes of one encoded value; 65 KiB (66,560) unless configured.</param>
/// <param name="SnapshotsMax">The most snapshots open at once.</param>
/// <param name="BusyTimeout">How long a commit waits for another process or a checkpoint.</param>
public sealed record StoreLimits(int ValueMax, int SnapshotsMax, TimeSpan BusyTimeout);

/// <summary>How a store failed; a closed set.</summary>
public enum StoreError
{
    /// <summary>Others hold it for longer than the time-out, or too many snapshots are open.</summary>
    Busy,

    /// <summary>No room on the disk.</summary>
    Full,

    /// <summary>What is on disk is not what was written.</summary>
    Damaged,

    /// <summary>Another process has the data folder open.</summary>
    Locked,

    /// <summary>The data folder was written by a later version, or its schema is not the one asked for.</summary>
    Incompatible,

    /// <summary>The store was closed.</summary>
    Closed,

    /// <summary>The operating system refused: permissions, a missing volume, an I/O error.</summary>
    Unavailable,
}

/// <summary>The one exception of a store; adapters translate their library's into it in one place.</summary>
public sealed class StoreException : Exception
{
    /// <summary>A failure with its kind and a sentence that names the file and what was wrong.</summary>
    public StoreException(StoreError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public StoreError Error { get; }
}
