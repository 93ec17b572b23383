using System.Text.Json;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;
using Netabase.Linearizability;

namespace Netabase.Processes.Specs.Replicas;

/// <summary>
/// Clients that read, put and compare-and-set through whichever nodes are up, as fast as they are answered, and a record of what each
/// asked and heard in the order in which it happened. What a client does not hear of it tries again elsewhere under the same name.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int KeysAtOnce = 5;
    private const int OperationsOfAKey = 300;
    private const int TriesMax = 4;

    private readonly ReplicaSet _nodes;
    private readonly int _seed;
    private readonly string _prefix;
    private readonly History _history = new();
    private readonly Lock _lock = new();
    private readonly HashSet<string> _keys = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly List<(int Writes, TaskCompletionSource Reached)> _waiting = [];
    private readonly Task[] _clients;
    private int _begun;
    private int _writes;

    /// <summary>Begins at once.</summary>
    /// <param name="nodes">Whom the clients ask.</param>
    /// <param name="clients">How many.</param>
    /// <param name="seed">What each asks follows from it; when, does not.</param>
    /// <param name="prefix">Begins the names of its keys, which nobody else may have.</param>
    public Load(ReplicaSet nodes, int clients, int seed, string prefix = "")
    {
        (_nodes, _seed, _prefix) = (nodes, seed, prefix);
        _clients = [.. Enumerable.Range(0, clients).Select(process => Task.Run(() => ClientAsync(process)))];
    }

    /// <summary>What was asked, by outcome.</summary>
    public string Summary
    {
        get
        {
            lock (_lock)
            {
                return $"seed {_seed}: {_history.Operations.Count} operations, {_writes} writes acknowledged, "
                    + $"{_history.Operations.Count(operation => operation is { Fate: Fate.Unknown, Kind: not OperationKind.Read })} writes unknown";
            }
        }
    }

    /// <summary>Until so many more writes were acknowledged: the group goes on.</summary>
    public async Task GoesOnAsync(int writes)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((_writes + writes, reached));
        }

        var ended = await Task.WhenAny(reached.Task, Task.WhenAny(_clients)).WaitAsync(Run.Patience).ContinueWith(
            done => done.IsCompletedSuccessfully ? done.Result : null, TaskScheduler.Default);
        if (ended != reached.Task)
        {
            foreach (var client in _clients.Where(client => client.IsFaulted))
            {
                await client;
            }

            Assert.Fail($"No {writes} writes in {Run.Patience}: {await StateAsync()}");
        }
    }

    /// <summary>
    /// Ends the clients, reads everything at every node, and has the whole judged: it is linearizable, so that all that was acknowledged is
    /// there and nothing twice, and the nodes hold the same.
    /// </summary>
    public async Task EndAsync(IReadOnlyCollection<Replica> nodes)
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_clients).WaitAsync(Run.Patience);
        await Task.WhenAll(nodes.Select(async node =>
        {
            foreach (var key in _keys)
            {
                await LastReadAsync(node, key);
            }
        }));
        SortedDictionary<string, string>? first = null;
        foreach (var node in nodes)
        {
            var records = await ReplicaSet.RecordsAsync(node);
            Assert.Equal(first ??= records, records);
        }

        Assert.NotEmpty(first!);
        var verdict = LinearizabilityCheck.Judge(_history, CheckBudget.Usual);
        if (verdict is not Verdict.Linearizable)
        {
            using var text = new StringWriter();
            HistoryWriter.Write(text, _history, verdict is Verdict.NotLinearizable bad ? bad.Offence.Part : _history.Operations);
            Assert.Fail($"{verdict}, {Summary}\n{text}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_clients).ContinueWith(_ => { }, TaskScheduler.Default);
        _ending.Dispose();
    }

    private async Task<string> StateAsync()
    {
        var states = await Task.WhenAll(_nodes.All.Where(node => node.IsUp).Select(async node => $"{node.Place}: {await ReplicaSet.GroupAsync(node)}"));
        return $"{Summary}\n{string.Join('\n', states)}";
    }

    private async Task ClientAsync(int process)
    {
        var random = new Random(unchecked(_seed + (process * 7919)));
        var versions = new Dictionary<string, (string? Value, string Clock)>();
        for (var number = 0; !_ending.IsCancellationRequested; number++)
        {
            var node = _nodes.All[random.Next(_nodes.All.Count)];
            if (!node.IsUp)
            {
                await Task.Yield();
                continue;
            }

            var key = Key(random);
            var value = $"{process}.{number}";
            switch (random.Next(10))
            {
                case < 4:
                    await ReadAsync(node, process, key, versions);
                    break;
                case < 7 when versions.Remove(key, out var seen):
                    await WriteAsync(random, node, process, key, value, OperationKind.CompareAndSet, seen);
                    break;
                default:
                    await WriteAsync(random, node, process, key, value, OperationKind.Write, (null, string.Empty));
                    break;
            }
        }
    }

    /// <summary>A few keys at a time, and others after a while, so that a history stays easy to judge.</summary>
    private string Key(Random random)
    {
        var generation = Interlocked.Increment(ref _begun) / (KeysAtOnce * OperationsOfAKey);
        var key = $"{_prefix}k{generation}.{random.Next(KeysAtOnce)}";
        lock (_lock)
        {
            _keys.Add(key);
        }

        return key;
    }

    private async Task ReadAsync(Replica node, int process, string key, Dictionary<string, (string? Value, string Clock)> versions)
    {
        Invoke(process, OperationKind.Read, key, null, null);
        try
        {
            var got = await node.Client.AskAsync("read", new ReadArgs(key), ReadJson.Default.ReadArgs, GetJson.Default.GetDone, CancellationToken.None);
            Heard(() => _history.Done(process, _history.Value(Json(got.Text))));
            versions[key] = (got.Text, got.Clock ?? "-");
        }
        catch (Exception away) when (away is ControlException or NoNodeException)
        {
            Heard(() => _history.NotDone(process));
        }
    }

    private async Task WriteAsync(
        Random random, Replica node, int process, string key, string value, OperationKind kind, (string? Value, string Clock) seen)
    {
        var expected = kind == OperationKind.CompareAndSet ? seen.Clock : null;
        Invoke(process, kind, key, seen.Value, value);
        string? id = null;
        for (var tries = 1; ; tries++)
        {
            var done = await CommitAsync(node, new CommitArgs(key, System.Text.Encoding.UTF8.GetBytes(value), expected, id));
            switch (done)
            {
                case { Outcome: "applied" }:
                    Heard(() => _history.Done(process), isWrite: true);
                    return;
                case { Outcome: "not-committed" }:
                    Heard(() => _history.NotDone(process));
                    return;

                // Without its name it cannot be tried again.
                case null or { Id: null }:
                    Heard(() => _history.Unknown(process));
                    return;
            }

            id = done.Id;
            var up = _nodes.All.Where(other => other.IsUp).ToArray();
            if (tries == TriesMax || up.Length == 0)
            {
                Heard(() => _history.Unknown(process));
                return;
            }

            node = up[random.Next(up.Length)];
        }
    }

    /// <summary>Null when the node went away, an outcome with the id to try again with when nothing is known, or what it became.</summary>
    private static async Task<CommitDone?> CommitAsync(Replica node, CommitArgs args)
    {
        try
        {
            return await node.Client.AskAsync("commit", args, CommitJson.Default.CommitArgs, CommitJson.Default.CommitDone, CancellationToken.None);
        }
        catch (NoNodeException) when (args.Id is null)
        {
            return new CommitDone("not-committed");
        }
        catch (ControlException refused) when (args.Id is null && refused.Code is ControlErrorCode.Refused or ControlErrorCode.Busy)
        {
            return new CommitDone("not-committed");
        }
        catch (Exception away) when (away is ControlException or NoNodeException)
        {
            return args.Id is null ? null : new CommitDone("unknown", Id: args.Id);
        }
    }

    private async Task LastReadAsync(Replica node, string key)
    {
        using var deadline = new CancellationTokenSource(Run.Patience);
        var process = 1000 + node.Place;
        while (true)
        {
            Invoke(process, OperationKind.Read, key, null, null);
            try
            {
                var got = await node.Client.AskAsync("read", new ReadArgs(key), ReadJson.Default.ReadArgs, GetJson.Default.GetDone, CancellationToken.None);
                Heard(() => _history.Done(process, _history.Value(Json(got.Text))));
                return;
            }
            catch (ControlException away)
            {
                Heard(() => _history.NotDone(process));
                Assert.False(deadline.IsCancellationRequested, $"{node.Folder}: {away.Message}");
            }
        }
    }

    private void Invoke(int process, OperationKind kind, string key, string? expected, string? value)
    {
        lock (_lock)
        {
            _history.Invoke(process, kind, _history.Key(Json(key)), _history.Value(Json(expected)), _history.Value(Json(value)));
        }
    }

    private void Heard(Action record, bool isWrite = false)
    {
        lock (_lock)
        {
            record();
            _writes += isWrite ? 1 : 0;
            foreach (var (writes, reached) in _waiting)
            {
                if (writes <= _writes)
                {
                    reached.TrySetResult();
                }
            }
        }
    }

    private static string Json(string? text) => JsonSerializer.Serialize(text);
}
