using System.Runtime.CompilerServices;

namespace Netabase.Examples;

/// <summary>What is typed.</summary>
internal static class Terminal
{
    /// <summary>Lines until <c>/quit</c>, the end of the input, or a stop. The console reads on a thread that nobody can interrupt, so that one is left behind.</summary>
    public static async IAsyncEnumerable<string> LinesAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        while (true)
        {
            var reading = Task.Run(Console.ReadLine, CancellationToken.None);
            await ((Task)reading.WaitAsync(stopping)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!reading.IsCompletedSuccessfully || reading.Result is not { } line || line == "/quit")
            {
                yield break;
            }

            yield return line;
        }
    }
}
