using System.CommandLine;
using System.Runtime.InteropServices;
using Netabase.Host;
using Netabase.Host.Control;

namespace Netabase.Cli;

/// <summary>Codes that scripts may rely on.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int NotDone = 1;
    public const int Usage = 2;
    public const int NoNode = 3;
}

/// <summary>From arguments to an exit code: the only place where signals are heard and failures become sentences.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            }

            await Console.Error.WriteLineAsync($"See: netabase {Path(parsed)}--help").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        // The second Ctrl-C is left to the system, which ends the process at once.
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stopping));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stopping));
        var calls = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await parsed.InvokeAsync(calls, stopping.Token).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            return await ExplainAsync(failure, stopping.IsCancellationRequested).ConfigureAwait(false);
        }
    }

    private static async Task<int> ExplainAsync(Exception failure, bool isStopping)
    {
        switch (failure)
        {
            case OperationCanceledException when isStopping:
                return ExitCode.NotDone;
            case NoNodeException none:
                await Console.Error.WriteLineAsync(none.Message).ConfigureAwait(false);
                return ExitCode.NoNode;
            case ControlException { Code: ControlErrorCode.Malformed } wrong:
                await Console.Error.WriteLineAsync(wrong.Message).ConfigureAwait(false);
                return ExitCode.Usage;
            case ControlException error:
                await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
                return ExitCode.NotDone;
        }

        if (StartFailure.Of(failure) is not { } known)
        {
            await Console.Error.WriteLineAsync($"This should not have happened; please report it:\n{failure}").ConfigureAwait(false);
            return ExitCode.NotDone;
        }

        await Console.Error.WriteLineAsync(known.Sentence).ConfigureAwait(false);
        return known.IsUsage ? ExitCode.Usage : ExitCode.NotDone;
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stopping)
    {
        if (!stopping.IsCancellationRequested)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static string Path(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? string.Empty : $"{parsed.CommandResult.Command.Name} ";
}
