// A chat in the terminal: nodes of one local network find each other by mDNS, every message is a record, and what was said is in
// each node's own store. Usage: Chat NAME DATA-FOLDER [MDNS-SERVICE]. Lines are said; /history, /by NAME and /quit are commands.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase;
using Netabase.Examples;
using Netabase.Examples.Chat;
using Netabase.Host;
using Message = Netabase.Examples.Chat.ChatRoom.Message;

if (args is not [var name, var folder, ..])
{
    Console.Error.WriteLine("Usage: Chat NAME DATA-FOLDER [MDNS-SERVICE]");
    return 2;
}

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Services.AddNetabase(options =>
{
    options.AddDefinition(ChatRoom.Definition);
    options.DataPath = folder;
    options.MdnsServiceName = args.Length > 2 ? args[2] : "_netabase-chat._udp.local";
    options.StartSwarm = true;
});
using var host = builder.Build();
var netabase = host.Services.GetRequiredService<INetabase>();
await using var events = netabase.SubscribeToBroadcasts();
await host.StartAsync();
var messages = netabase.Records<Message>();
Console.WriteLine($"You are {name}; {await messages.CountAsync(ModelQuery<Message>.All)} messages are here. /history, /by NAME, /quit");
var listening = ListenAsync();

await foreach (var line in Terminal.LinesAsync(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping))
{
    switch (line.Split(' ', 2))
    {
        case ["/history"]:
            await ShowAsync(Message.Indexes.SentAt.All.Descending().Take(20));
            break;
        case ["/by", var author]:
            await ShowAsync(Message.Indexes.Author.EqualTo(author));
            break;
        case [not ""] or [_, _]:
            await SayAsync(line);
            break;
    }
}

await host.StopAsync();
await netabase.DisposeAsync();
await listening;
return 0;

async Task SayAsync(string text)
{
    var said = await netabase.PutRecordAsync(new Message { Id = Guid.NewGuid(), SentAt = DateTimeOffset.UtcNow, Author = name, Text = text });
    Console.WriteLine(said switch
    {
        PutResult.Replicated replicated => $"(said to {replicated.Replicas})",
        PutResult.StoredLocally => "(nobody is here; it is told to those who come)",
        _ => $"(not said: {said})",
    });
}

async Task ListenAsync()
{
    await foreach (var happened in events)
    {
        switch (happened)
        {
            case RoutingEvent.RoutingUpdated { IsIn: true } came:
                Console.WriteLine($"({came.Peer} is here)");
                break;
            case PeerEvent.Disconnected left:
                Console.WriteLine($"({left.Peer} left)");
                break;
            case StoreEvent.RecordStored { Replaced: false } stored when stored.Metadata.Publisher != netabase.LocalPeer:
                await HearAsync(stored.Key);
                break;
        }
    }
}

async Task HearAsync(RecordKey key)
{
    // The event names the record; the record is in the store.
    if (RecordKey.TryParse(key.Bytes.Span, out _, out _, out _, out var primary) && primary.Length == 16
        && await messages.GetAsync(new Message.Key(new Guid(primary, bigEndian: true))) is { } message)
    {
        Console.WriteLine($"{message.Author}: {message.Text}");
    }
}

async Task ShowAsync(ModelQuery<Message> query)
{
    foreach (var message in (await messages.QueryAsync(query)).OrderBy(message => message.SentAt))
    {
        Console.WriteLine($"{message.SentAt:HH:mm:ss} {message.Author}: {message.Text}");
    }
}
