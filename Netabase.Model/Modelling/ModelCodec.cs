namespace Netabase;

/// <summary>Encodes models where the caller wants the bytes and not to say where they go.</summary>
public static class ModelCodec
{
    /// <summary>What fits here is encoded without a pooled array; larger records take one.</summary>
    private const int ScratchLength = 16 * 1024;

    [ThreadStatic]
    private static byte[]? Scratch;

    /// <summary>The value in protobuf wire format, in memory of its own: one allocation of the exact size.</summary>
    /// <exception cref="ArgumentException">The record has a null where none is allowed, a text without UTF-8, or is nested too deep.</exception>
    public static Payload Encode<TModel>(TModel model)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        // Taken while in use: a property of the model may itself encode something.
        var scratch = Scratch ?? new byte[ScratchLength];
        Scratch = null;
        var writer = new WireWriter(scratch.AsSpan());
        TModel.Write(model, ref writer);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        Scratch = scratch;
        return bytes;
    }

    /// <summary>The key bytes of a record.</summary>
    public static Payload EncodePrimaryKey<TModel>(TModel model)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        var key = new KeyWriter(stackalloc byte[128]);
        TModel.EncodePrimaryKey(model, ref key);
        var bytes = Payload.Copy(key.Written);
        key.Dispose();
        return bytes;
    }

    /// <summary>The key bytes of a key.</summary>
    public static Payload Encode<TModel>(IRecordKey<TModel> key)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        var writer = new KeyWriter(stackalloc byte[128]);
        key.Encode(ref writer);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }
}
