namespace Netabase.Paxos.Benchmarks.Members;

/// <summary>One member, until its process is killed.</summary>
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
        await FrontServer.RunAsync(options.FrontPort, member).ConfigureAwait(false);
    }
}
