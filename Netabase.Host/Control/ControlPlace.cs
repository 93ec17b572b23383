using System.Net.Sockets;
using System.Text;

namespace Netabase.Host.Control;

/// <summary>Where the socket of a data folder lies, for the server that binds it and the client that looks for it.</summary>
internal static class ControlPlace
{
    private const string Folder = "control";
    private const string SocketFile = "netabase.sock";
    private const string PointerFile = "where";
    private const int PointerBytesMax = 4096;

    // sun_path holds 108 bytes on Linux and 104 on macOS, the zero at the end included.
    private const int PathBytesMax = 100;

    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The socket's path for a client, or null when nothing was ever bound there.</summary>
    public static string? Find(string dataPath)
    {
        var folder = Path.Combine(Path.GetFullPath(dataPath), Folder);
        var pointer = Path.Combine(folder, PointerFile);
        var direct = Path.Combine(folder, SocketFile);
        if (Fits(direct))
        {
            return File.Exists(direct) ? direct : null;
        }

        try
        {
            return File.Exists(pointer) && new FileInfo(pointer).Length <= PointerBytesMax ? File.ReadAllText(pointer).Trim() : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Binds the socket of a data folder, in a folder that only its owner can enter, so that there is no moment at which somebody
    /// else could connect. A socket that nobody listens at is replaced.
    /// </summary>
    /// <exception cref="IOException">Another node is served there, or the folder cannot be used.</exception>
    public static BoundSocket Bind(string dataPath, int backlog)
    {
        var folder = Path.Combine(Path.GetFullPath(dataPath), Folder);
        OwnFolder(folder);
        var path = Path.Combine(folder, SocketFile);
        string? passing = null;
        if (!Fits(path))
        {
            passing = Directory.CreateTempSubdirectory("netabase-").FullName;
            path = Path.Combine(passing, SocketFile);
            WritePointer(Path.Combine(folder, PointerFile), path);
        }

        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, OwnersFile);
            }

            socket.Listen(backlog);
            return new BoundSocket(socket, path, passing);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException($"The control socket {path} cannot be bound: {failure.Message}", failure);
        }
    }

    private static bool Fits(string path) => Encoding.UTF8.GetByteCount(path) <= PathBytesMax;

    private static void OwnFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, OwnersFolder);
        if (File.GetUnixFileMode(folder) != OwnersFolder)
        {
            File.SetUnixFileMode(folder, OwnersFolder);
        }
    }

    private static void WritePointer(string pointer, string path)
    {
        var draft = pointer + ".new";
        File.WriteAllText(draft, path + "\n");
        File.Move(draft, pointer, overwrite: true);
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"Another node answers at {path}; stop it, or take another data folder.");
    }
}

/// <summary>A socket that is listened at; disposing it takes its file away.</summary>
internal sealed class BoundSocket(Socket socket, string path, string? passingFolder) : IDisposable
{
    public Socket Socket => socket;

    public string Path => path;

    public void Dispose()
    {
        socket.Dispose();
        try
        {
            File.Delete(path);
            if (passingFolder is not null)
            {
                Directory.Delete(passingFolder, recursive: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A file that stays is stale, and is replaced by the next start.
        }
    }
}
