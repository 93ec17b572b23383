using System.Runtime.InteropServices;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>
/// The few calls made for every row, straight into the library that SQLitePCLRaw ships and has loaded: its own way to them
/// counts references to a handle at each call, which costs as much as the row. Calls that only look at what a step has left
/// do not block, so they may skip the garbage collector's transition.
/// </summary>
internal static partial class NativeSqlite
{
    /// <summary>SQLite copies what is bound (SQLITE_TRANSIENT).</summary>
    private const nint Transient = -1;

    private const string Library = "e_sqlite3";

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    public static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    public static partial int Bind(nint statement, int place, long number);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    public static partial int BindNull(nint statement, int place);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    public static partial long Number(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    public static partial int Type(nint statement, int column);

    /// <summary>Has a function called after each commit with the write-ahead log's length in frames; it takes the place of SQLite's own checkpoints.</summary>
    [LibraryImport(Library, EntryPoint = "sqlite3_wal_hook")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    public static unsafe partial nint HookLog(nint db, delegate* unmanaged[Cdecl]<nint, nint, byte*, int, int> hook, nint argument);

    /// <summary>Binds bytes; no bytes are an empty blob, not NULL, which is why they need an address.</summary>
    public static unsafe int Bind(nint statement, int place, ReadOnlySpan<byte> bytes)
    {
        byte none = 0;
        fixed (byte* first = bytes)
        {
            return BindBlob(statement, place, first is null ? &none : first, bytes.Length, Transient);
        }
    }

    /// <summary>A column's bytes in SQLite's memory, until the next step or reset.</summary>
    public static unsafe ReadOnlySpan<byte> Blob(nint statement, int column)
    {
        var bytes = ColumnBlob(statement, column);
        return new ReadOnlySpan<byte>(bytes, bytes is null ? 0 : ColumnBytes(statement, column));
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static unsafe partial int BindBlob(nint statement, int place, byte* bytes, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    private static unsafe partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    private static partial int ColumnBytes(nint statement, int column);
}
