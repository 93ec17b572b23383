using System.Globalization;

namespace Netabase.Dht.Benchmarks.Members;

/// <summary>What a process of the net is told.</summary>
/// <param name="Folder">For the data of its nodes.</param>
/// <param name="Nodes">How many it runs.</param>
/// <param name="Quorum">Of a put.</param>
/// <param name="Mode">How they take part.</param>
/// <param name="Bootstrap">Whom they begin with; null for the first of them.</param>
internal sealed record MemberArguments(string Folder, int Nodes, int Quorum, NetworkMode Mode, string? Bootstrap = null)
{
    public static MemberArguments Read(string[] words) => new(
        words[0],
        int.Parse(words[1], CultureInfo.InvariantCulture),
        int.Parse(words[2], CultureInfo.InvariantCulture),
        Enum.Parse<NetworkMode>(words[3]),
        words.Length > 4 ? words[4] : null);

    public string[] ToWords() =>
    [
        Folder,
        Nodes.ToString(CultureInfo.InvariantCulture),
        Quorum.ToString(CultureInfo.InvariantCulture),
        Mode.ToString(),
        .. Bootstrap is null ? (ReadOnlySpan<string>)[] : [Bootstrap],
    ];
}
