using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Netabase.Multiformats;
using Netabase.Transport.Keys;

namespace Netabase.Examples;

/// <summary>
/// The members of a group on one machine. Each is named by its key and each has to be told of all, so the keys are made before the
/// first of them starts.
/// </summary>
/// <param name="All">Their addresses, as every member is given them.</param>
/// <param name="Number">Which of them this process is, from 1.</param>
internal sealed record Founders(IReadOnlyList<string> All, int Number)
{
    /// <summary>What is told while an attempt gets no answer.</summary>
    public const string NoMajority = "(no majority answers; it is tried again)";

    private const string List = "members";

    /// <summary>Where this one listens.</summary>
    public string Listen => All[Number - 1][..All[Number - 1].IndexOf("/p2p/", StringComparison.Ordinal)];

    /// <summary>Does what <c>found FOLDER</c> asks for and refuses what names no member; null when there is a member to run.</summary>
    public static int? ExitCodeOf(string[] args, string program)
    {
        switch (args)
        {
            case ["found", var group]:
                Create(group, 3);
                Console.WriteLine($"Three members: run {program} with {Path.Combine(group, "1")}, 2 and 3 in a terminal each.");
                return 0;
            case not [_]:
                Console.Error.WriteLine($"Usage: {program} found FOLDER, then {program} FOLDER/1, FOLDER/2 and FOLDER/3 in a terminal each");
                return 2;
            default:
                return null;
        }
    }

    /// <summary>Tells who leads the group, and that it has stopped here, until the node ends.</summary>
    public async Task TellAsync(IBroadcastSubscription events)
    {
        await foreach (var happened in events)
        {
            switch (happened)
            {
                case ConsensusEvent.LeaderChanged { Leader: { } leader }:
                    Console.WriteLine($"(member {NumberOf(leader)} leads)");
                    break;
                case ConsensusEvent.GroupStopped stopped:
                    Console.WriteLine($"(the group has stopped here: {stopped.Detail})");
                    break;
            }
        }
    }

    /// <summary>The members beside a member's folder, whose name is its number.</summary>
    public static Founders Beside(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return new Founders(File.ReadAllLines(Path.Combine(full, "..", List)), int.Parse(Path.GetFileName(full), CultureInfo.InvariantCulture));
    }

    private int NumberOf(PeerId peer) => All.Index().First(member => member.Item.EndsWith($"/{peer}", StringComparison.Ordinal)).Index + 1;

    private static void Create(string folder, int count)
    {
        var ports = FreePorts(count);
        var all = ports.Select((port, index) =>
        {
            using var key = IdentityFile.LoadOrCreate(Path.Combine(folder, $"{index + 1}", "identity.key"));
            return $"/ip4/127.0.0.1/tcp/{port}/p2p/{key.PublicKey.PeerId}";
        });
        File.WriteAllLines(Path.Combine(folder, List), [.. all]);
    }

    private static int[] FreePorts(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        sockets.ForEach(socket => socket.Start());
        var ports = sockets.Select(socket => ((IPEndPoint)socket.LocalEndpoint).Port).ToArray();
        sockets.ForEach(socket => socket.Dispose());
        return ports;
    }
}
