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

if (Founders.ExitCodeOf(args, "Inventory") is { } exitCode)
{
    return exitCode;
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
var telling = founders.TellAsync(events);
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
