namespace Netabase.Transport.Network;

/// <summary>Looks over the connections now and then: closes what nobody uses, and what is too much.</summary>
internal sealed class ConnectionUpkeep(SwarmContext context, ConnectionTable table, SwarmRun run)
{
    private readonly Bell _crowded = new();

    /// <summary>A connection was added; above the high-water mark the next look is at once.</summary>
    public void Added()
    {
        if (table.Count > context.Options.Trim.HighWater)
        {
            _crowded.Ring();
        }
    }

    /// <summary>Counts time from this call on; what it returns is the work itself.</summary>
    public Func<CancellationToken, Task> Begin()
    {
        var ticker = new PeriodicTimer(context.Options.Tick, context.Time);
        return stopping => RunAsync(ticker, stopping);
    }

    private async Task RunAsync(PeriodicTimer started, CancellationToken stopping)
    {
        using var ticker = started;
        var tick = ticker.WaitForNextTickAsync(stopping).AsTask();
        var crowded = _crowded.HeardAsync(stopping);
        while (true)
        {
            await (await Task.WhenAny(tick, crowded).ConfigureAwait(false)).ConfigureAwait(false);
            if (tick.IsCompleted)
            {
                tick = ticker.WaitForNextTickAsync(stopping).AsTask();
                CloseIdle();
                run.ExpireDiscovered();
                run.Identify.ExpireObserved();
            }

            if (crowded.IsCompleted)
            {
                crowded = _crowded.HeardAsync(stopping);
            }

            Trim();
        }
    }

    private void CloseIdle()
    {
        foreach (var connection in table.All)
        {
            if (connection.IsClosing)
            {
                continue;
            }

            if (connection.IsSuperseded && connection.IdleFor >= context.Options.SupersededTimeout)
            {
                run.CloseSoon(connection, CloseCause.Duplicate);
            }
            else if (connection.IdleFor >= context.Options.IdleTimeout && !context.Protections.Covers(connection.Peer))
            {
                run.CloseSoon(connection, CloseCause.Idle);
            }
        }
    }

    /// <summary>The least worth keeping go first: superseded ones, then those with the fewest streams, then the longest unused.</summary>
    private void Trim()
    {
        var trim = context.Options.Trim;
        var open = table.All.Where(connection => !connection.IsClosing).ToList();
        if (open.Count <= trim.HighWater)
        {
            return;
        }

        var now = context.Time.GetUtcNow();
        var victims = open
            .Where(connection => now - connection.Info.OpenedAt >= trim.Grace && !context.Protections.Covers(connection.Peer))
            .OrderByDescending(connection => connection.IsSuperseded)
            .ThenBy(connection => connection.StreamCount)
            .ThenByDescending(connection => connection.IdleFor)
            .Take(open.Count - trim.LowWater)
            .ToList();
        victims.ForEach(connection => run.CloseSoon(connection, CloseCause.Trimmed));
        if (victims.Count > 0)
        {
            NetworkLog.Trimmed(context.Log, victims.Count, open.Count);
        }
    }
}
