using System.Diagnostics;

namespace Netabase.Actors.Specs;

/// <summary>The example is what a newcomer runs first: run as they would, judged by what they would see.</summary>
public sealed class NotesExampleSpecs
{
    [Fact]
    public async Task The_notes_example_shows_what_it_promises_and_ends_by_itself()
    {
        var folder = Directory.CreateTempSubdirectory("netabase-notes-");
        var program = Path.Combine(AppContext.BaseDirectory, "Notes.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, folder.FullName])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("The example did not end by itself.");
        }

        Assert.Equal((0, string.Empty), (process.ExitCode, await errors));
        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "got: note 3",
                "kitchen: note 1, note 3, note 5",
                "second page of two: note 5",
                "transaction: Committed",
                "topic: Topic { Name = kitchen, Notes = 4 }",
                "removed: Removed { Existed = True }",
                "left: 5",
                .. Enumerable.Repeat("event: RecordStored", 7),
                "event: RecordRemoved",
            ],
            lines.Where(line => !line.StartsWith('[')));
        folder.Delete(recursive: true);
    }
}
