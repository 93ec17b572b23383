using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Netabase.Host.Control;

/// <summary>Frames over a stream: a length of four bytes, big endian, and so many bytes of JSON.</summary>
internal sealed class ControlFrames(Stream stream, int frameMax) : IAsyncDisposable
{
    private const int PrefixLength = 4;

    private readonly byte[] _prefix = new byte[PrefixLength];

    /// <summary>The next frame's content, or null when the other side has closed its side between two frames.</summary>
    /// <exception cref="InvalidDataException">It is too long, cut off, or is not what was expected.</exception>
    public async ValueTask<T?> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        var got = await stream.ReadAtLeastAsync(_prefix, PrefixLength, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        if (got == 0)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(_prefix);
        if (got < PrefixLength || length == 0 || length > frameMax)
        {
            throw new InvalidDataException($"A frame has 1 to {frameMax} bytes.");
        }

        var frame = new byte[length];
        if (await stream.ReadAtLeastAsync(frame, frame.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) < frame.Length)
        {
            throw new InvalidDataException("The frame is cut off.");
        }

        try
        {
            return JsonSerializer.Deserialize(frame, type) ?? throw new InvalidDataException("The frame holds nothing.");
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException($"The frame holds something else than was expected: {malformed.Message}", malformed);
        }
    }

    /// <summary>Writes one frame.</summary>
    /// <exception cref="InvalidDataException">It would be too long; nothing was written.</exception>
    public async ValueTask WriteAsync<T>(T content, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(content, type);
        if (json.Length > frameMax)
        {
            throw new InvalidDataException($"The frame would have {json.Length} bytes, more than {frameMax}.");
        }

        var frame = new byte[PrefixLength + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, json.Length);
        json.CopyTo(frame, PrefixLength);
        await stream.WriteAsync(frame, cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends when the other side closes its side, says something that nobody asked for, or is gone.</summary>
    public async Task LeftAsync(CancellationToken cancellation)
    {
        try
        {
            await stream.ReadAtLeastAsync(_prefix, 1, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Gone is gone.
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
