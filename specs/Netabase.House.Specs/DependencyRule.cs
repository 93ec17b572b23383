using System.Collections.Immutable;

namespace Netabase.House.Specs;

/// <summary>One row of the dependency table in specs/architecture.md.</summary>
/// <param name="Project">Whom it binds.</param>
/// <param name="MayReference">Assemblies beside the framework's; a name that ends in a dot stands for all that begin so.</param>
/// <param name="NeverTypes">Type names it must not refer to; one that ends in a dot stands for a namespace and all below.</param>
/// <param name="NeverMembers">Members it must not refer to.</param>
internal sealed record DependencyRule(
    string Project, ImmutableArray<string> MayReference, ImmutableArray<string> NeverTypes, ImmutableArray<string> NeverMembers)
{
    private static readonly ImmutableArray<string> Clock =
    [
        "System.DateTime.get_UtcNow", "System.DateTime.get_Now", "System.DateTimeOffset.get_UtcNow", "System.DateTimeOffset.get_Now",
        "System.Guid.NewGuid", "System.Guid.CreateVersion7", "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
    ];

    // By name and not the namespace: AddressFamily is a word about addresses.
    private static readonly ImmutableArray<string> Sockets =
    [
        "System.Net.Sockets.Socket", "System.Net.Sockets.NetworkStream", "System.Net.Sockets.TcpClient", "System.Net.Sockets.TcpListener",
        "System.Net.Sockets.UdpClient",
    ];

    private static readonly ImmutableArray<string> Devices =
    [
        .. Sockets,
        "System.Random", "System.TimeProvider", "System.Console", "System.Diagnostics.Stopwatch",
        "System.IO.File", "System.IO.FileStream", "System.IO.Directory", "System.IO.Path", "System.Net.Http.",
    ];

    public static ImmutableArray<DependencyRule> Table { get; } =
    [
        // Model carries, beside the models, the pure multiformats that the face and the Kademlia core name.
        new("Netabase.Model", [], Devices, Clock),
        new("Netabase.Protocol", ["Netabase.Model"], [.. Devices, "System.IO.", "System.Net.", "System.Threading."], Clock),
        new("Netabase.Persistence", ["Netabase.Model", "Netabase.Protocol"], Sockets, []),
        new("Netabase.Persistence.Sqlite",
            ["Netabase.Model", "Netabase.Protocol", "Netabase.Persistence", "Microsoft.Data.Sqlite", "SQLitePCLRaw.", "Npgsql", "linq2db", "Akka.Persistence.Sql", "Akka.Persistence", "Akka"],
            Sockets, []),
        new("Netabase.Persistence.RocksDb",
            ["Netabase.Model", "Netabase.Protocol", "Netabase.Persistence", "RocksDbSharp"], Sockets, []),
        new("Netabase.Transport",
            ["Netabase.Model", "Netabase.Protocol", "Google.Protobuf", "NSec.Cryptography", "BouncyCastle.Cryptography", "DnsClient", "Microsoft.Extensions.Logging.Abstractions"],
            [], []),
        new("Netabase.Actors",
            ["Netabase.Model", "Netabase.Protocol", "Netabase.Persistence", "Netabase.Transport", "Akka", "Akka.Streams", "Akka.Persistence", "Reactive.Streams", "Microsoft.Extensions.Logging.Abstractions"],
            [.. Sockets, "System.Threading.Thread"], []),
        new("Netabase.Host",
            ["Netabase.Model", "Netabase.Protocol", "Netabase.Persistence", "Netabase.Persistence.Sqlite", "Netabase.Transport", "Netabase.Actors", "Akka", "Akka.Hosting", "Akka.Streams", "Microsoft.Extensions.", "OpenTelemetry."],
            ["Netabase.Protocol.Kademlia.", "Netabase.Protocol.Paxos.", "Microsoft.Data.Sqlite."], []),
    ];

    public IEnumerable<string> Breaches(CompiledAssembly assembly) =>
    [
        .. assembly.References.Where(name => !IsFramework(name) && !Covers(MayReference, name)).Select(name => $"{Project} references {name}"),
        .. assembly.Types.Where(type => Covers(NeverTypes, type)).Select(type => $"{Project} sees {type}"),
        .. assembly.Members.Where(NeverMembers.Contains).Select(member => $"{Project} calls {member}"),
    ];

    private static bool Covers(ImmutableArray<string> patterns, string name) =>
        patterns.Any(pattern => pattern.EndsWith('.') ? name.StartsWith(pattern, StringComparison.Ordinal) : name == pattern);

    private static bool IsFramework(string name) => name is "netstandard" or "mscorlib" or "Microsoft.CSharp" or "System"
        || (name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("System.Reactive", StringComparison.Ordinal));
}
