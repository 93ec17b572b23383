using System.Buffers.Binary;
using Netabase.Persistence.Rows;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>
/// A snapshot on its way here, in a file of its own, so that a node that starts again goes on where it was: a header that names it, then
/// each piece behind its length and CRC-32C (4 each, little-endian). A piece that was torn, and all behind it, is fetched anew; nothing needs to be
/// synced for that, and the digest of the whole is what decides in the end.
/// </summary>
internal sealed class ArrivingSnapshot : IDisposable
{
    private const byte Version = 1;
    private const int HeaderSize = 1 + Digest.Size + 8 + 8;
    private const int PieceHeader = 8;

    private readonly Stream _file;
    private readonly string? _path;

    private ArrivingSnapshot(Stream file, string? path, SnapshotInfo info)
    {
        _file = file;
        _path = path;
        Info = info;
    }

    public SnapshotInfo Info { get; }

    /// <summary>So many of its bytes are here.</summary>
    public long Through { get; private set; }

    /// <summary>Goes on with what is in the file, or begins it anew when that is another snapshot.</summary>
    /// <param name="file">What is in the file, which is written through: nothing is left to be written when it is closed.</param>
    /// <param name="path">The file; null for memory.</param>
    /// <param name="info">The snapshot that is coming.</param>
    public static ArrivingSnapshot Open(Stream file, string? path, SnapshotInfo info)
    {
        var arriving = new ArrivingSnapshot(file, path, info);
        try
        {
            arriving.Resume();
            return arriving;
        }
        catch
        {
            arriving.Dispose();
            throw;
        }
    }

    /// <summary>The next piece. When that fails it is to be opened anew, which cuts off what was torn.</summary>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        Span<byte> header = stackalloc byte[PieceHeader];
        BinaryPrimitives.WriteInt32LittleEndian(header, piece.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], RowFormat.Checksum([], piece));
        _file.Write(header);
        _file.Write(piece);
        Through += piece.Length;
    }

    /// <summary>All of it, as far as it is here.</summary>
    public ReadOnlyMemory<byte> Read()
    {
        var whole = new byte[Through];
        _file.Position = HeaderSize;
        for (var at = 0; at < whole.Length && ReadPiece() is { } piece; at += piece.Length)
        {
            piece.CopyTo(whole, at);
        }

        return whole;
    }

    /// <summary>It is not needed any more.</summary>
    public void Delete()
    {
        Dispose();
        if (_path is { } path)
        {
            File.Delete(path);
        }
    }

    public void Dispose() => _file.Dispose();

    private void Resume()
    {
        var header = new byte[HeaderSize];
        header[0] = Version;
        Info.Id.Write(header.AsSpan(1));
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(1 + Digest.Size), Info.Through.Number);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(9 + Digest.Size), Info.Size);
        var there = new byte[HeaderSize];
        if (_file.ReadAtLeast(there, HeaderSize, throwOnEndOfStream: false) != HeaderSize || !there.AsSpan().SequenceEqual(header))
        {
            _file.SetLength(0);
            _file.Write(header);
            return;
        }

        var end = _file.Position;
        while (ReadPiece() is { } piece)
        {
            Through += piece.Length;
            end = _file.Position;
        }

        _file.SetLength(end);
        _file.Position = end;
    }

    private byte[]? ReadPiece()
    {
        Span<byte> header = stackalloc byte[PieceHeader];
        if (_file.ReadAtLeast(header, PieceHeader, throwOnEndOfStream: false) != PieceHeader)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length <= 0 || length > Math.Min(Info.Size, _file.Length - _file.Position))
        {
            return null;
        }

        var piece = new byte[length];
        _file.ReadExactly(piece);
        return RowFormat.Checksum([], piece) == BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) ? piece : null;
    }
}
