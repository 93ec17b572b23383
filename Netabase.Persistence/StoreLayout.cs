using System.Collections.Immutable;

namespace Netabase.Persistence;

/// <summary>What a store is opened for; models are named by their place here from then on.</summary>
/// <param name="Models">The models, ordered by definition name and tag.</param>
/// <param name="ReadIndexKey">Derives index keys from stored values, for a secondary key that a model got after it had records; null when there is no codec.</param>
public sealed record StoreLayout(ImmutableArray<ModelSchema> Models, IndexKeyReader? ReadIndexKey = null)
{
    /// <summary>The layout of definitions: definitions by name (ordinal), models by tag.</summary>
    public static StoreLayout Of(IEnumerable<DefinitionDescriptor> definitions)
    {
        ImmutableArray<ModelDescriptor> models =
        [
            .. definitions
                .OrderBy(definition => definition.Name, StringComparer.Ordinal)
                .SelectMany(definition => definition.Models.OrderBy(model => model.Schema.Tag)),
        ];
        return new StoreLayout([.. models.Select(model => model.Schema)], Read);

        bool Read(int model, int index, ReadOnlySpan<byte> value, ref KeyWriter key) =>
            models[model].EncodeSecondaryKey(models[model].Decode(value), index, ref key);
    }

    /// <summary>The secondary key of a stored value, for an adapter that fills an index; null when it has none, or is no value of its model.</summary>
    /// <exception cref="StoreException">Incompatible: the layout has no codec to read values with.</exception>
    public Payload? DeriveIndexKey(int model, int index, ReadOnlySpan<byte> value)
    {
        if (ReadIndexKey is null)
        {
            throw new StoreException(
                StoreError.Incompatible, $"{Models[model].Name} got secondary key {index} after it had records, and there is no codec to fill its index");
        }

        var key = new KeyWriter(stackalloc byte[256]);
        try
        {
            return ReadIndexKey(model, index, value, ref key) ? Payload.Copy(key.Written) : null;
        }
        catch (RecordFormatException)
        {
            return null;
        }
        finally
        {
            key.Dispose();
        }
    }
}

/// <summary>Writes the secondary key of a stored value.</summary>
/// <param name="model">The model's place in <see cref="StoreLayout.Models"/>.</param>
/// <param name="index">The secondary key's field number.</param>
/// <param name="value">The encoded value.</param>
/// <param name="key">Where to.</param>
/// <returns>False when the value has none: it is not in the index.</returns>
/// <exception cref="RecordFormatException">The bytes are no value of the model: the row stays, outside the index.</exception>
public delegate bool IndexKeyReader(int model, int index, ReadOnlySpan<byte> value, ref KeyWriter key);

/// <summary>Bounds of a store.</summary>
/// <param name="ValueMax">The most bytes of one encoded value; 65 KiB (66,560) unless configured.</param>
/// <param name="SnapshotsMax">The most snapshots open at once.</param>
/// <param name="WaitingMax">The most commits and sweeps that may wait for the writer; the next one is refused as <see cref="StoreError.Busy"/>.</param>
/// <param name="BusyTimeout">How long a commit waits for another process or a checkpoint.</param>
public sealed record StoreLimits(int ValueMax, int SnapshotsMax, int WaitingMax, TimeSpan BusyTimeout)
{
    /// <summary>The most bytes of an encoded primary or secondary key: that of <see cref="RecordKey.PrimaryKeyMax"/>.</summary>
    public const int KeyMax = RecordKey.PrimaryKeyMax;

    /// <summary>The most bytes of one record's publisher and signature together.</summary>
    public const int MetadataMax = 4096;

    /// <summary>
    /// The most bytes of a mark (<see cref="StoreWrite.SetMark"/>), 256 MiB: what a log's state is frozen to, or many sessions of it.
    /// </summary>
    public const int MarkMax = 256 << 20;
}

/// <summary>How a store failed; a closed set.</summary>
public enum StoreError
{
    /// <summary>Others hold it for longer than the time-out, too many commits wait, or too many snapshots are open.</summary>
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

    /// <summary>A commit failed while it was made durable. It is not seen now, and may be found written when the store is opened again.</summary>
    OutcomeUnknown,
}

/// <summary>The one exception of a store; adapters translate their library's into it in one place.</summary>
public sealed class StoreException : Exception
{
    /// <summary>A failure with its kind and a sentence that names the file and what was wrong.</summary>
    public StoreException(StoreError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public StoreError Error { get; }

    /// <summary>The place of the one model in whose data damage was met; null where it may be anybody's, and for other failures.</summary>
    public int? Model { get; init; }

    /// <summary>The same, met while a model's data were read or written; what has its model already, or is no damage, is itself.</summary>
    public StoreException In(int? model) =>
        Error != StoreError.Damaged || Model is not null || model is null ? this : new StoreException(Error, Message, this) { Model = model };
}
