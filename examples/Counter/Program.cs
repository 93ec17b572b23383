// A counter that three processes share: whoever adds is told the count after it, and any one of the three may be killed.
//   Counter found FOLDER     makes the three members
//   Counter FOLDER/1         runs the first; the others, in terminals of their own, likewise
// Type a number to add it, an empty line to see the count, /quit to leave.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase;
using Netabase.Examples;
using Netabase.Examples.Counter;
using Netabase.Host;

if (Founders.ExitCodeOf(args, "Counter") is { } exitCode)
{
    return exitCode;
}

var founders = Founders.Beside(args[0]);
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Services.AddNetabase(options =>
{
    options.DataPath = args[0];
    options.Listen = [founders.Listen];
    options.Mdns = false;
    options.StartSwarm = true;
    options.AddGroup("counter", founders.All);
    options.AddReplicatedState<Count, long, long>("counter", () => new Count());
});
using var host = builder.Build();
var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
var netabase = host.Services.GetRequiredService<INetabase>();
await using var events = netabase.SubscribeToBroadcasts();
await host.StartAsync();
var counter = netabase.ReplicatedLog<Count, long, long>("counter");
var telling = founders.TellAsync(events);
Console.WriteLine($"You are member {founders.Number}. A number adds it, an empty line shows the count, /quit leaves.");

try
{
    await foreach (var line in Terminal.LinesAsync(stopping))
    {
        Console.WriteLine(line.Length == 0 ? await ShowAsync() : long.TryParse(line, out var by) ? await AddAsync(by) : "That is no number.");
    }
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
}

await host.StopAsync();
await netabase.DisposeAsync();
await telling;
return 0;

async Task<string> AddAsync(long by)
{
    // One name for all attempts: however often it is sent, it is added once.
    var id = netabase.NewOperationId();
    while (true)
    {
        switch (await counter.SubmitAsync(by, id, stopping))
        {
            case SubmitResult<long>.Applied applied:
                return $"{applied.Result} (slot {applied.Slot})";
            case SubmitResult<long>.NotCommitted { Reason: not RefusalReason.NoLeader } refused:
                return $"Not added: {refused.Detail}";
            case SubmitResult<long>.Busy:
                return "Not added: too much waits already.";
            default:
                Console.WriteLine(Founders.NoMajority);
                break;
        }
    }
}

async Task<string> ShowAsync()
{
    while (true)
    {
        try
        {
            return $"{await counter.ReadAsync(count => count.Value, Consistency.Linearizably, stopping)}";
        }
        catch (NetabaseException alone) when (alone.Reason == RefusalReason.NoLeader)
        {
            Console.WriteLine(Founders.NoMajority);
        }
    }
}
