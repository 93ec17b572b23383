using System.Globalization;
using System.Text;

namespace Netabase.Persistence;

/// <summary>
/// A node's folder on disk, held by one process: its format version, the lock, the node's identity, and the store's own
/// files. While it is open no other process, and nobody else in this one, can open it; the operating system gives the lock
/// back even when the process is killed.
/// </summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>The version that this code writes; a folder of a later one is refused.</summary>
    public const int FormatVersion = 1;

    private const string FormatFile = "netabase.format";
    private const string LockFile = "netabase.lock";
    private const string OwnerFile = "netabase.pid";
    private const string FormatLine = "netabase data folder, format ";
    private const string BackendLine = "store ";
    private const string MadeLine = "store made";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int FormatBytesMax = 4096;

    private readonly FileStream _lock;
    private readonly string _backend;

    private DataFolder(string path, string backend, FileStream @lock)
    {
        Path = path;
        _backend = backend;
        _lock = @lock;
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>Whether a store was once made here: then one that is missing or empty is damage, not a fresh start.</summary>
    public bool HasStore { get; private set; }

    /// <summary>Where the node's Ed25519 key lies; whoever writes it gives it the mode 0600. The store never touches it.</summary>
    public string IdentityPath => System.IO.Path.Combine(Path, "identity.key");

    /// <summary>
    /// Where an application's data go when no path is given: <c>$XDG_DATA_HOME/netabase/NAME</c> (<c>~/.local/share</c> where
    /// that is unset), <c>~/Library/Application Support</c> on macOS, <c>%LOCALAPPDATA%</c> on Windows. The same at every start of the same user.
    /// </summary>
    /// <param name="application">Letters, digits, <c>. - _</c>; two nodes of one user need two names.</param>
    /// <exception cref="StoreException">The user has no home.</exception>
    public static string DefaultPath(string application)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(application);
        if (application.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')) || application.All(c => c == '.'))
        {
            throw new ArgumentException($"\"{application}\" is no name for a folder: letters, digits, '.', '-' and '_' are", nameof(application));
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0
            ? System.IO.Path.Combine(home, "netabase", application)
            : throw new StoreException(StoreError.Unavailable, "this user has no home folder; give the data folder's path");
    }

    /// <summary>Opens a data folder, and creates it with the mode 0700 where there is none.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="backend">The store that will lie in it; a folder that holds another's data is refused.</param>
    /// <exception cref="StoreException">Locked by another (named), of a later format, of another backend, or not accessible.</exception>
    public static DataFolder Open(string path, string backend)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(backend);
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            CreateFolder(full);
            var folder = new DataFolder(full, backend, TakeLock(full));
            try
            {
                folder.CheckFormat();
                folder.WriteOwner();
                return folder;
            }
            catch
            {
                folder.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new StoreException(StoreError.Unavailable, $"the data folder {full} cannot be opened: {failure.Message}", failure);
        }
    }

    /// <summary>The full path of something in the folder.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Notes that the store was made and is on disk.</summary>
    /// <exception cref="StoreException">The note cannot be written.</exception>
    public void ConfirmStore()
    {
        if (HasStore)
        {
            return;
        }

        try
        {
            FlushNames();
            WriteFormat(hasStore: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreError.Unavailable, $"the data folder {Path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Makes a folder in this one, and those on the way to it; their names are durable.</summary>
    /// <param name="names">Its name below this folder, one a level.</param>
    /// <returns>Its full path.</returns>
    /// <exception cref="IOException">It cannot be made or synced.</exception>
    public string MakeFolder(params ReadOnlySpan<string> names)
    {
        var path = Path;
        foreach (var name in names)
        {
            path = System.IO.Path.Combine(path, name);
            CreateFolder(path);
        }

        return path;
    }

    /// <summary>Makes the names of files made in this folder, or in one below it, durable.</summary>
    /// <exception cref="IOException">The folder cannot be synced.</exception>
    public void FlushNames(params ReadOnlySpan<string> names) => DirectorySync.Flush(System.IO.Path.Combine([Path, .. names]));

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => _lock.Dispose();

    private static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, OwnerOnly);
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            DirectorySync.Flush(parent);
        }
    }

    private static FileStream TakeLock(string path)
    {
        var file = System.IO.Path.Combine(path, LockFile);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException held) when (held.GetType() == typeof(IOException) && File.Exists(file))
        {
            throw new StoreException(StoreError.Locked, $"the data folder {path} is open in {DescribeOwner(path)}; one process at a time may use it", held);
        }
    }

    private static string DescribeOwner(string path)
    {
        try
        {
            var text = File.ReadAllText(System.IO.Path.Combine(path, OwnerFile)).Trim();
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? $"process {pid}" : "another process";
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }

    /// <summary>The pid stands beside the lock, not in it: where locks are mandatory the second process could not read it.</summary>
    private void WriteOwner() => File.WriteAllText(PathOf(OwnerFile), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    private void CheckFormat()
    {
        var file = PathOf(FormatFile);
        if (!File.Exists(file))
        {
            WriteFormat(hasStore: false);
            return;
        }

        if (new FileInfo(file).Length > FormatBytesMax)
        {
            throw new StoreException(StoreError.Damaged, $"{file} is no format file");
        }

        var lines = File.ReadAllLines(file);
        if (lines.Length < 2 || !lines[0].StartsWith(FormatLine, StringComparison.Ordinal)
            || !int.TryParse(lines[0].AsSpan(FormatLine.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
        {
            throw new StoreException(StoreError.Damaged, $"{file} is no format file");
        }

        if (version > FormatVersion)
        {
            throw new StoreException(
                StoreError.Incompatible, $"the data folder {Path} has format {version}; this version of Netabase reads formats up to {FormatVersion}");
        }

        if (lines[1] != BackendLine + _backend)
        {
            throw new StoreException(
                StoreError.Incompatible, $"the data folder {Path} holds a {lines[1]}, and {BackendLine}{_backend} was asked for");
        }

        HasStore = lines.Length > 2 && lines[2] == MadeLine;
    }

    /// <summary>Under another name first: a format file is whole or not there.</summary>
    private void WriteFormat(bool hasStore)
    {
        var file = PathOf(FormatFile);
        var partial = file + ".new";
        using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write))
        {
            var made = hasStore ? MadeLine + "\n" : string.Empty;
            stream.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{FormatLine}{FormatVersion}\n{BackendLine}{_backend}\n{made}")));
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, file, overwrite: true);
        FlushNames();
        HasStore = hasStore;
    }
}
