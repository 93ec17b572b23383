using Netabase.Multiformats;

namespace Netabase;

/// <summary>Encodes models where the caller wants the bytes and not to say where they go.</summary>
public static class ModelCodec
{
    /// <summary>The largest room that is made for a record before it is known; what is larger is copied out of a pooled array.</summary>
    private const int RoomMax = 16 * 1024;

    /// <summary>
    /// The value in protobuf wire format, in memory of its own. Records of one model are often much alike: the room is made for
    /// what the last one that did not fit took, and is kept when at most a quarter of it, and a little, is left over.
    /// </summary>
    /// <exception cref="ArgumentException">The record has a null where none is allowed, a text without UTF-8, or is nested too deep.</exception>
    public static Payload Encode<TModel>(TModel model)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        var room = new byte[Expected<TModel>.Room];
        var writer = new WireWriter(room.AsSpan());
        TModel.Write(model, ref writer);
        var length = writer.Written.Length;
        if (!writer.HasOutgrown && room.Length - length <= Slack(length))
        {
            return new Payload(room.AsMemory(0, length));
        }

        Expected<TModel>.Room = Math.Min(length + (Slack(length) / 2), RoomMax);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }

    /// <summary>The key bytes of a record.</summary>
    /// <param name="model">The record.</param>
    /// <param name="publisher">Whose record it is; only a model owned by its publishers asks.</param>
    /// <exception cref="ArgumentException">The model is owned by its publishers, and nobody is named.</exception>
    public static Payload EncodePrimaryKey<TModel>(TModel model, PeerId? publisher = null)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        var key = new KeyWriter(stackalloc byte[128]);
        WriteOwner(TModel.Schema, publisher, ref key);
        TModel.EncodePrimaryKey(model, ref key);
        var bytes = Payload.Copy(key.Written);
        key.Dispose();
        return bytes;
    }

    /// <summary>The key bytes of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="self">Whose record it is where the key names nobody; only a model owned by its publishers asks.</param>
    /// <exception cref="ArgumentException">The model is owned by its publishers, and nobody is named.</exception>
    public static Payload Encode<TModel>(IRecordKey<TModel> key, PeerId? self = null)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        var writer = new KeyWriter(stackalloc byte[128]);
        WriteOwner(TModel.Schema, key.Publisher ?? self, ref writer);
        key.Encode(ref writer);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }

    /// <summary>Begins the key of a model owned by its publishers; other keys begin with themselves.</summary>
    public static void WriteOwner(ModelSchema schema, PeerId? publisher, ref KeyWriter key)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (schema.Ownership != RecordOwnership.Publisher)
        {
            return;
        }

        var id = publisher?.Multihash ?? throw new ArgumentException($"{schema.Name} is owned by its publishers, and its key names none.");
        key.Append((byte)id.Length);
        key.Append(id.Span);
    }

    /// <summary>The writer wants to see more room than a field takes before it writes it.</summary>
    private static int Slack(int length) => 64 + (length / 4);

    /// <summary>Guesses from one thread that another reads are as good as its own.</summary>
    private static class Expected<TModel>
    {
        public static int Room = 256;
    }
}
