using System.Security.Cryptography;

namespace Netabase.Transport.Keys;

/// <summary>
/// 32 secret bytes that the collector does not move and that are wiped when they are disposed. Whoever works with them takes a copy
/// onto the stack and asks afterwards whether it is whole: a key that is wiped under a running call would encrypt with zeros.
/// </summary>
internal sealed class Secret : IDisposable
{
    /// <summary>Bytes of it.</summary>
    public const int Size = 32;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
    private int _isGone;

    public Secret(ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes);

    /// <summary>Copies it; the copy is the caller's to wipe.</summary>
    /// <exception cref="ObjectDisposedException">It is wiped, or is being wiped.</exception>
    public void CopyTo(Span<byte> copy)
    {
        _bytes.CopyTo(copy);
        Volatile.ReadBarrier();
        ObjectDisposedException.ThrowIf(_isGone != 0, this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interlocked.Exchange(ref _isGone, 1);
        CryptographicOperations.ZeroMemory(_bytes);
    }
}
