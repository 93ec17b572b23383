using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase;
using Netabase.Examples.Notes;
using Netabase.Host;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
var folder = args is [var path] ? path : Directory.CreateTempSubdirectory("notes-").FullName;
builder.Services.AddNetabase(options =>
{
    options.AddDefinition(Notebook.Definition);
    options.DataPath = folder;
});
using var host = builder.Build();
var netabase = host.Services.GetRequiredService<INetabase>();
await using var events = netabase.SubscribeToBroadcasts();
await host.StartAsync();

for (var id = 1; id <= 5; id++)
{
    await netabase.PutRecordLocallyAsync(new Notebook.Note { Id = id, Topic = id % 2 == 0 ? "garden" : "kitchen", Text = $"note {id}" });
}

Console.WriteLine($"got: {(await netabase.GetRecordAsync(new Notebook.Note.Key(3))).Value?.Text}");

var notes = netabase.Records<Notebook.Note>();
var kitchen = Notebook.Note.Indexes.Topic.EqualTo("kitchen");
Console.WriteLine($"kitchen: {string.Join(", ", (await notes.QueryAsync(kitchen)).Select(note => note.Text))}");
Console.WriteLine($"second page of two: {string.Join(", ", (await notes.QueryAsync(kitchen.Skip(2).Take(2))).Select(note => note.Text))}");

await using (var transaction = await netabase.BeginTransactionAsync())
{
    transaction.Put(new Notebook.Topic { Name = "kitchen", Notes = (await transaction.QueryAsync(kitchen)).Length + 1 });
    transaction.Put(new Notebook.Note { Id = 6, Topic = "kitchen", Text = "note 6" });
    Console.WriteLine($"transaction: {(await transaction.CommitAsync()).GetType().Name}");
}

Console.WriteLine($"topic: {(await netabase.GetRecordAsync(new Notebook.Topic.Key("kitchen"))).Value}");
Console.WriteLine($"removed: {await netabase.RemoveRecordAsync(new Notebook.Note.Key(1))}");
Console.WriteLine($"left: {await notes.CountAsync(ModelQuery<Notebook.Note>.All)}");

await host.StopAsync();
await netabase.DisposeAsync();
await foreach (var happened in events)
{
    Console.WriteLine($"event: {happened.GetType().Name}");
}
