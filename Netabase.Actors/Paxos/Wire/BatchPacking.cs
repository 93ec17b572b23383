using System.IO.Compression;
using System.Runtime.CompilerServices;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Wire;

/// <summary>
/// Batches made smaller for the wire where it pays: above 1 KiB, and to less than nine tenths. A batch goes to several members and
/// is packed once; who packs and sees that nothing comes of it leaves the next batches alone for a while.
/// </summary>
/// <param name="bytesMax">The most bytes of an unpacked batch: what would be larger is refused before it is unpacked.</param>
internal sealed class BatchPacking(int bytesMax)
{
    private const int WorthFrom = 1024;
    private const int Quality = 1;
    private const int Window = 18;
    private const int LeftAloneMax = 64;

    private readonly ConditionalWeakTable<Batch, Packed> _packed = [];
    private int _leftAlone;
    private int _failures;

    /// <summary>The packed bytes of a batch, or null where they are not worth it.</summary>
    public Payload? Pack(Batch batch)
    {
        if (batch.Bytes.Length <= WorthFrom)
        {
            return null;
        }

        if (_packed.TryGetValue(batch, out var before))
        {
            return before.Bytes;
        }

        if (_leftAlone > 0)
        {
            _leftAlone--;
            return null;
        }

        var packed = Compress(batch.Bytes.Span);
        _failures = packed is null ? Math.Min(_failures + 1, 6) : 0;
        _leftAlone = packed is null ? Math.Min(1 << _failures, LeftAloneMax) : 0;
        _packed.AddOrUpdate(batch, new Packed(packed));
        return packed;
    }

    /// <summary>The bytes that were packed.</summary>
    /// <param name="packed">What came.</param>
    /// <param name="size">How many it says they were.</param>
    /// <exception cref="RecordFormatException">They are more than a batch may have, or not what was said.</exception>
    public Payload Unpack(ReadOnlySpan<byte> packed, uint size)
    {
        if (size > (uint)bytesMax)
        {
            throw new RecordFormatException($"A batch of {size} bytes; at most {bytesMax} are.");
        }

        var bytes = new byte[size];
        return BrotliDecoder.TryDecompress(packed, bytes, out var written) && written == bytes.Length
            ? new Payload(bytes)
            : throw new RecordFormatException("A packed batch cannot be unpacked to its size.");
    }

    /// <summary>A batch as it stands.</summary>
    /// <exception cref="RecordFormatException">It is larger than a batch may be, or none.</exception>
    public Batch Read(Payload bytes)
    {
        if (bytes.Length > bytesMax)
        {
            throw new RecordFormatException($"A batch of {bytes.Length} bytes; at most {bytesMax} are.");
        }

        return Batch.TryRead(bytes, out var batch) ? batch! : throw new RecordFormatException("Bytes are no batch.");
    }

    private static Payload? Compress(ReadOnlySpan<byte> bytes)
    {
        var room = new byte[bytes.Length * 9 / 10];
        return BrotliEncoder.TryCompress(bytes, room, out var written, Quality, Window) ? new Payload(room.AsMemory(0, written)) : null;
    }

    private sealed record Packed(Payload? Bytes);
}
