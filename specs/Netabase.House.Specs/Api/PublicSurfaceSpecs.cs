using System.Reflection;

namespace Netabase.House.Specs.Api;

/// <summary>
/// What others build on changes on purpose only. The approved surface of each shipped assembly lies beside this spec, in
/// <c>Approved/</c>; <c>NETABASE_APPROVE=1 dotnet test specs/Netabase.House.Specs --filter FullyQualifiedName~PublicSurface</c>
/// writes it anew, and a review sees the difference.
/// </summary>
public sealed class PublicSurfaceSpecs
{
    public static TheoryData<string> Assemblies =>
    [
        "Netabase.Model", "Netabase.Protocol", "Netabase.Persistence", "Netabase.Persistence.Sqlite", "Netabase.Persistence.RocksDb",
        "Netabase.Transport", "Netabase.Actors", "Netabase.Host",
    ];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public async Task The_public_surface_is_the_approved_one(string assembly)
    {
        var surface = PublicSurface.Of(Assembly.Load(assembly));
        var file = Path.Combine(Repository.Root, "specs", "Netabase.House.Specs", "Api", "Approved", $"{assembly}.txt");
        if (Environment.GetEnvironmentVariable("NETABASE_APPROVE") == "1")
            await File.WriteAllTextAsync(file, surface);
        var (approved, seen) = ((await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n").Split('\n'), surface.Split('\n'));
        Assert.True(
            approved.SequenceEqual(seen),
            $"{assembly} is not as approved in {Path.GetFileName(file)}. To approve it: NETABASE_APPROVE=1 dotnet test specs/Netabase.House.Specs "
            + "--filter FullyQualifiedName~PublicSurface\n"
            + string.Join('\n', approved.Except(seen).Select(line => $"gone: {line}").Concat(seen.Except(approved).Select(line => $"new: {line}"))));
    }

    [Fact]
    public void A_surface_tells_what_a_user_can_see_and_nothing_else()
    {
        var lines = PublicSurface.Of(typeof(PublicSurfaceSpecs).Assembly).Split('\n');
        var shown = lines.SkipWhile(line => !line.EndsWith($".{nameof(PublicSurfaceExample)}", StringComparison.Ordinal)).TakeWhile(line => line.Length > 0);
        Assert.Equal(
            [
                "abstract record Netabase.House.Specs.Api.PublicSurfaceExample",
                "    const int Most = 3",
                "    new(string Name, int? Age, List<string?>? Titles)",
                "    int? Age { get; init; }",
                "    string Name { get; init; }",
                "    required Guid Place { get; init; }",
                "    List<string?>? Titles { get; init; }",
                "    static bool TryFind<T>(T? start, out string? found, long most = 7, CancellationToken cancellation = default)",
            ],
            shown);
    }
}

/// <summary>Something to show.</summary>
public abstract record PublicSurfaceExample(string Name, int? Age, List<string?>? Titles)
{
    public const int Most = 3;

    internal int Hidden { get; init; }

    public required Guid Place { get; init; }

    public static bool TryFind<T>(T? start, out string? found, long most = Most + 4, CancellationToken cancellation = default)
    {
        found = start?.ToString();
        return most > 0 && !cancellation.IsCancellationRequested && found is not null;
    }
}
