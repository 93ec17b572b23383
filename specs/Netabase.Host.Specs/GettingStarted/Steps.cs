using Microsoft.Extensions.Hosting;

namespace Netabase.Host.Specs.GettingStarted;

/// <summary>The snippets of <c>docs/getting-started.md</c>: what stands there stands here, is compiled, and is run by <see cref="GettingStartedSpecs"/>.</summary>
internal sealed class Steps(TextWriter console)
{
    public IHost Host(string folder, string[] bootstrap)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Services.AddNetabase(options =>
        {
            options.AddDefinition(Inventory.Definition);
            options.DataPath = folder;
        });
        builder.Services.AddNetabase(options =>
        {
            options.Name = "networked";
            options.AddDefinition(Inventory.Definition);
            options.DataPath = Path.Combine(folder, "networked");
            options.StartSwarm = true;
            options.Listen = ["/ip4/127.0.0.1/tcp/0"];
            options.Bootstrap = bootstrap;
            options.MdnsServiceName = "_inventory._udp.local";
        });
        return builder.Build();
    }

    public async Task<Inventory.Item> LocallyAsync(INetabase netabase)
    {
        var item = new Inventory.Item { Id = Guid.NewGuid(), Shelf = "B3", Left = 12, Name = "hinges" };
        var put = await netabase.PutRecordLocallyAsync(item);
        if (put is not PutResult.Stored)
        {
            await console.WriteLineAsync($"Not stored: {put}");
        }

        var found = await netabase.GetRecordAsync(new Inventory.Item.Key(item.Id));
        await console.WriteLineAsync(found.Value?.Name);
        return item;
    }

    public async Task QueryAsync(INetabase netabase)
    {
        var items = netabase.Records<Inventory.Item>();
        foreach (var item in await items.QueryAsync(Inventory.Item.Indexes.Left.AtMost(20).Take(10)))
        {
            await console.WriteLineAsync($"{item.Shelf}: {item.Left} {item.Name}");
        }

        var onShelf = await items.CountAsync(Inventory.Item.Indexes.Shelf.EqualTo("B3"));
        await console.WriteLineAsync($"{onShelf} on shelf B3");
    }

    public async Task TransactAsync(INetabase netabase, Guid id)
    {
        await using var transaction = await netabase.BeginTransactionAsync();
        var item = await transaction.GetAsync(new Inventory.Item.Key(id));
        transaction.Put(item! with { Left = item.Left - 1 });
        var commit = await transaction.CommitAsync();
        await console.WriteLineAsync(commit is CommitResult.Committed ? "one less" : $"nothing changed: {commit}");
    }

    public async Task PublishAsync(INetabase netabase, Inventory.Item item)
    {
        switch (await netabase.PutRecordAsync(item))
        {
            case PutResult.Replicated replicated:
                await console.WriteLineAsync($"here and at {replicated.Replicas} peers");
                break;
            case PutResult.StoredLocally local:
                await console.WriteLineAsync($"here, and at {local.Replicas} of {local.Quorum} peers wanted");
                break;
            case var other:
                await console.WriteLineAsync($"not stored: {other}");
                break;
        }
    }

    public async Task FindAsync(INetabase netabase, Guid id)
    {
        var answer = await netabase.GetRecordAsync(new Inventory.Item.Key(id)) switch
        {
            GetResult<Inventory.Item>.Found found => $"{found.Record.Name}, from {found.Source}",
            GetResult<Inventory.Item>.NotFound nowhere => $"nowhere; {nowhere.PeersAsked} peers were asked",
            GetResult<Inventory.Item>.TimedOut late => $"no answer in time; the best so far: {late.Best?.Name}",
            var other => $"not tried: {other}",
        };
        await console.WriteLineAsync(answer);
    }

    public async Task ListenAsync(INetabase netabase, CancellationToken cancellation)
    {
        await using var events = netabase.SubscribeToBroadcasts();
        await foreach (var happened in events.WithCancellation(cancellation))
        {
            switch (happened)
            {
                case StoreEvent.RecordStored stored:
                    await console.WriteLineAsync($"stored {stored.Key}");
                    break;
                case PeerEvent.Connected connected:
                    await console.WriteLineAsync($"met {connected.Peer}");
                    break;
                case Lagged lagged:
                    await console.WriteLineAsync($"read too slowly and missed {lagged.Missed} events");
                    break;
            }
        }
    }
}
