using System.Runtime.InteropServices;

namespace Netabase.Transport.Keys;

/// <summary>Why an identity could not be loaded or kept; a closed set.</summary>
public enum IdentityFileError
{
    /// <summary>The file does not hold exactly one private key.</summary>
    Damaged,

    /// <summary>Others than its owner may read or write the file: the key must be taken for stolen.</summary>
    OpenToOthers,

    /// <summary>The file, or the folder it is to stand in, cannot be read or written.</summary>
    Inaccessible,
}

/// <summary>A node's identity could not be loaded or kept. A node never goes on with another identity instead.</summary>
public sealed class IdentityFileException : Exception
{
    /// <summary>A failure with its kind, the file, and what caused it.</summary>
    public IdentityFileException(IdentityFileError error, string path, string message, Exception? inner = null)
        : base($"The identity file {path} {message}", inner) => (Error, Path) = (error, path);

    /// <summary>The kind of failure.</summary>
    public IdentityFileError Error { get; }

    /// <summary>Which file.</summary>
    public string Path { get; }
}

/// <summary>
/// A node's private key on disk: the bytes of libp2p's <c>PrivateKey</c> message, so that other implementations can load
/// it. Created once, whole or not at all, readable by its owner only (mode 0600; on Windows the folder's rights decide).
/// </summary>
public static class IdentityFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>The key in the file; a fresh Ed25519 key, on disk before this returns, when there is no file yet.</summary>
    /// <exception cref="IdentityFileException">The file is damaged, open to others or inaccessible.</exception>
    public static PrivateKey LoadOrCreate(string path, ICryptography? cryptography = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        if (File.Exists(full)) return Load(full, cryptography);

        var key = PrivateKey.Generate(cryptography: cryptography);
        if (TryCreate(full, key)) return key;

        // Another process was quicker: its key is the node's.
        key.Dispose();
        return Load(full, cryptography);
    }

    /// <summary>The key in the file.</summary>
    /// <exception cref="IdentityFileException">There is none, or it is damaged, open to others or inaccessible.</exception>
    public static PrivateKey Load(string path, ICryptography? cryptography = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            using var file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows() && !OperatingSystem.IsBrowser() && (File.GetUnixFileMode(file) & ~OwnersFolder) != 0)
                throw new IdentityFileException(IdentityFileError.OpenToOthers, path, "may be read or written by others than its owner.");

            var length = RandomAccess.GetLength(file);
            if (length is 0 or > KeyMaterial.MaxLength) throw Damaged(path, $"has {length} bytes: that is no private key.");
            bytes = new byte[length];
            for (var read = 0; read < bytes.Length;)
            {
                var got = RandomAccess.Read(file, bytes.AsSpan(read), read);
                if (got == 0) throw Damaged(path, "shrank while it was read.");
                read += got;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IdentityFileException(IdentityFileError.Inaccessible, path, "cannot be read.", e);
        }

        try
        {
            return PrivateKey.Decode(bytes, cryptography);
        }
        catch (TransportException e)
        {
            throw Damaged(path, "does not hold a private key.", e);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes a key to a file that is not there yet; false, and nothing changed, when it is.</summary>
    /// <exception cref="IdentityFileException">The folder is inaccessible.</exception>
    public static bool TryCreate(string path, PrivateKey key)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full)!;
        var draft = $"{full}.{Guid.NewGuid():N}.new";
        try
        {
            CreateFolder(folder);
            try
            {
                WriteThrough(draft, key.Encode());
                if (!TryName(draft, full)) return false;
            }
            finally
            {
                File.Delete(draft);
            }

            FlushFolder(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IdentityFileException(IdentityFileError.Inaccessible, path, "cannot be created.", e);
        }
    }

    private static IdentityFileException Damaged(string path, string message, Exception? inner = null) =>
        new(IdentityFileError.Damaged, path, message, inner);

    /// <summary>
    /// Gives the file its name unless it is taken. On Unix <c>File.Move</c> looks first and renames then, so that two at once would
    /// both succeed and the first would go on with a key that is on no disk; a link refuses a name that is taken.
    /// </summary>
    private static bool TryName(string draft, string full)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            if (Native.Link(draft, full) == 0) return true;
            if (Marshal.GetLastPInvokeError() == Native.NameIsTaken) return false;
        }

        try
        {
            // Windows refuses a taken name by itself; a file system without hard links has nothing better.
            File.Move(draft, full, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(full))
        {
            return false;
        }
    }

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnersFolder);
    }

    private static void WriteThrough(string path, byte[] secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(secret);
        file.Flush(flushToDisk: true);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>The new name is on disk only once its folder is; .NET has no call for that.</summary>
    private static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        var handle = Native.Open(folder, 0);
        if (handle < 0) throw new IOException($"The folder {folder} cannot be opened: error {Marshal.GetLastPInvokeError()}.");
        try
        {
            if (Native.Flush(handle) != 0) throw new IOException($"The folder {folder} cannot be flushed: error {Marshal.GetLastPInvokeError()}.");
        }
        finally
        {
            _ = Native.Close(handle);
        }
    }
}

/// <summary>The calls of the C library that <see cref="IdentityFile"/> needs.</summary>
internal static partial class Native
{
    /// <summary>EEXIST, on Linux and macOS alike.</summary>
    internal const int NameIsTaken = 17;

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Link(string existing, string added);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Close(int handle);
}
