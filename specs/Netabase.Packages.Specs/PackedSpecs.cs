using System.Diagnostics;
using Xunit.Abstractions;

namespace Netabase.Packages.Specs;

/// <summary>
/// What a user has: an empty console app that references our packages, one partial record with attributes, and records that
/// are stored, found, indexed, paged and deleted. The packages come from a folder, everything else from wherever the machine
/// has its packages from.
/// </summary>
public sealed class PackedSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string[] Shipped =
    [
        "Netabase.Model", "Netabase.Protocol", "Netabase.Persistence", "Netabase.Persistence.Sqlite", "Netabase.Persistence.RocksDb",
        "Netabase.Transport", "Netabase.Actors", "Netabase.Host",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-packed-").FullName;

    /// <summary>Of this run alone, so that no package cached by another is taken for it.</summary>
    private readonly string _version = FormattableString.Invariant($"0.0.0-spec.{Environment.ProcessId}.{Stopwatch.GetTimestamp()}");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task An_empty_console_app_that_references_our_packages_stores_finds_pages_and_deletes_and_its_compiler_holds_its_models_to_the_rules()
    {
        await PackAsync();
        var app = await WriteAppAsync();
        await DotnetAsync(app, "build", "-v", "quiet", "-nologo");

        var said = await DotnetAsync(app, "run", "--no-build", "--", Path.Combine(_folder, "data"));
        Assert.Equal(["stored 25", "found number 7", "indexed 5", "paged 10 then 10 then 5", "deleted, 24 left", "rocksdb stored"], Lines(said));

        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), ConsoleApp.Program.Replace("[PrimaryKey(1)]", "[Field(1)]", StringComparison.Ordinal));
        var (code, complained) = await RunAsync(app, ["build", "--no-restore", "-v", "quiet", "-nologo"]);
        Assert.NotEqual(0, code);
        Assert.Contains("NB0004", complained, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task PackAsync()
    {
        var nothingBuilt = Shipped.Select(Output).FirstOrDefault(path => !File.Exists(path));
        Skip.If(nothingBuilt is not null, $"needs the build of {Repository.Configuration}: {nothingBuilt} is not there");
        await DotnetAsync(
            Repository.Root, "pack", "Netabase.sln", "--no-build", "-c", Repository.Configuration, "-o", Path.Combine(_folder, "packages"),
            $"-p:Version={_version}", "-v", "quiet", "-nologo");
        Assert.All(Shipped, project => Assert.True(File.Exists(Path.Combine(_folder, "packages", $"{project}.{_version}.nupkg")), $"{project} was not packed"));
    }

    private static string Output(string project) => Path.Combine(Repository.Root, project, "bin", Repository.Configuration, "net10.0", $"{project}.dll");

    private async Task<string> WriteAppAsync()
    {
        var app = Directory.CreateDirectory(Path.Combine(_folder, "app")).FullName;
        await File.WriteAllTextAsync(Path.Combine(app, "App.csproj"), Project(["Netabase.Host", "Netabase.Persistence.RocksDb"]));
        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), ConsoleApp.Program);
        await File.WriteAllTextAsync(Path.Combine(app, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="netabase" value="{Path.Combine(_folder, "packages")}" />
              </packageSources>
            </configuration>
            """);
        return app;
    }

    /// <summary>Ours are unpacked beside the app; what the machine has unpacked already is read where it lies.</summary>
    private string Project(string[] packages) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
            <NuGetAudit>false</NuGetAudit>
            <RestorePackagesPath>{Path.Combine(_folder, "unpacked")}</RestorePackagesPath>
            <RestoreFallbackFolders>{Unpacked}</RestoreFallbackFolders>
          </PropertyGroup>
          <ItemGroup>
            {string.Join("\n    ", packages.Select(name => $"<PackageReference Include=\"{name}\" Version=\"{_version}\" />"))}
            <PackageReference Include="Microsoft.Extensions.Hosting" Version="{HostingVersion}" />
          </ItemGroup>
        </Project>
        """;

    private static string Unpacked => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } path
        ? path
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The version that the solution itself uses, since an app that adds hosting needs some.</summary>
    private static string HostingVersion => System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion").Single(package => (string?)package.Attribute("Include") == "Microsoft.Extensions.Hosting").Attribute("Version")!.Value;

    private async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        var (code, said) = await RunAsync(folder, arguments);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} ended with {code}:\n{said}");
        return said;
    }

    private async Task<(int Code, string Said)> RunAsync(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

        // What a build or a test run leaves in the environment is for its own children.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            var said = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var complained = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            output.WriteLine($"dotnet {string.Join(' ', arguments)}: {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s");
            return (process.ExitCode, await said + await complained);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
