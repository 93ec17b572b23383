namespace Netabase.Paxos.Benchmarks.Members;

/// <summary>One member, until its process is killed or left alone.</summary>
internal static class MemberProgram
{
    public static async Task RunAsync(string kind, MemberOptions options)
    {
        IMember member = kind switch
        {
            "netabase" => await NetabaseMember.StartAsync(options).ConfigureAwait(false),
            "dotnext" => await DotNextMember.StartAsync(options).ConfigureAwait(false),
            _ => throw new ArgumentException($"{kind} is no member: netabase and dotnext are"),
        };

        // Whoever started it holds the other end of its input, and lets go of it in whichever way it ends.
        using var input = Console.OpenStandardInput();
        await Task.WhenAny(FrontServer.RunAsync(options.FrontPort, member), Task.Run(input.ReadByte)).Unwrap().ConfigureAwait(false);
        Environment.Exit(0);
    }
}
