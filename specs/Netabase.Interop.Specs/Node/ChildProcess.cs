using System.Diagnostics;

namespace Netabase.Interop.Node;

/// <summary>What a program said and how it ended.</summary>
public sealed record ChildResult(int ExitCode, string Output, string Errors);

/// <summary>Runs a program to its end within a deadline.</summary>
public static class ChildProcess
{
    /// <summary>Both outputs and the exit code; the whole process tree is killed when the deadline passes.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task<ChildResult> RunAsync(ProcessStartInfo start, TimeSpan deadline)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        using var timer = new CancellationTokenSource(deadline);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timer.Token);
            var errors = process.StandardError.ReadToEndAsync(timer.Token);
            await process.WaitForExitAsync(timer.Token);
            return new ChildResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"`{start.FileName} {string.Join(' ', start.ArgumentList)}` did not end within {deadline}.");
        }
    }
}
