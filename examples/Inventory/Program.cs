// A stock that three processes share: records of a typed model, written by compare-and-set through one log, so that the last bolt is
// sold once, whoever sells it and whichever one of the three is killed meanwhile.
//   Inventory found FOLDER     makes the three members
//   Inventory FOLDER/1         runs the first; the others, in terminals of their own, likewise
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase;
using Netabase.Examples;
using Netabase.Examples.Inventory;
using Netabase.Host;

switch (args)
{
    case ["found", var group]:
        Founders.Create(group, 3);
        Console.WriteLine($"Three members: run Inventory with {Path.Combine(group, "1")}, 2 and 3 in a terminal each.");
        return 0;
    case not [_]:
        Console.Error.WriteLine("Usage: Inventory found FOLDER, then Inventory FOLDER/1, FOLDER/2 and FOLDER/3 in a terminal each");
        return 2;
}

var founders = Founders.Beside(args[0]);
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Services.AddNetabase(options =>
{
    options.AddDefinition(Stock.Definition);
    options.AddGroup("warehouse", founders.All, Stock.Definition);
    options.DataPath = args[0];
    options.Listen = [founders.Listen];
    options.Mdns = false;
    options.StartSwarm = true;
});
using var host = builder.Build();
var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
var netabase = host.Services.GetRequiredService<INetabase>();
await using var events = netabase.SubscribeToBroadcasts();
await host.StartAsync();
var warehouse = new Warehouse(netabase);
var telling = TellAsync();
Console.WriteLine($"You are member {founders.Number}. add ITEM N, take ITEM N, show ITEM, list, /quit");

try
{
    await foreach (var line in Terminal.LinesAsync(stopping))
    {
        Console.WriteLine(await DoAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
}

await host.StopAsync();
await netabase.DisposeAsync();
await telling;
return 0;

Task<string> DoAsync(string[] words) => words switch
{
    ["add", var item, var many] when IsCount(many, out var count) => warehouse.ChangeAsync(item, count, stopping),
    ["take", var item, var many] when IsCount(many, out var count) => warehouse.ChangeAsync(item, -count, stopping),
    ["show", var item] => warehouse.ShowAsync(item, stopping),
    ["list"] => warehouse.ListAsync(stopping),
    _ => Task.FromResult("add ITEM N, take ITEM N, show ITEM, list, /quit; N is 1 to 1000000"),
};

static bool IsCount(string text, out int count) =>
    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is > 0 and <= 1_000_000;

async Task TellAsync()
{
    await foreach (var happened in events)
    {
        switch (happened)
        {
            case ConsensusEvent.LeaderChanged { Leader: { } leader }:
                Console.WriteLine($"(member {founders.NumberOf(leader)} leads)");
                break;
            case ConsensusEvent.GroupStopped stopped:
                Console.WriteLine($"(the stock has stopped here: {stopped.Detail})");
                break;
        }
    }
}
