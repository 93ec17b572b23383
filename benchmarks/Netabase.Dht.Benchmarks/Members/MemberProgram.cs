using System.Diagnostics;
using System.Globalization;
using Netabase.Host;

namespace Netabase.Dht.Benchmarks.Members;

/// <summary>This program as a process of the net: a command a line, an answer a line, until its input ends.</summary>
internal static class MemberProgram
{
    /// <summary>Of a record's value.</summary>
    public const int ValueSize = 1024;

    public static async Task RunAsync(MemberArguments arguments)
    {
        await using var nodes = new Nodes(arguments);
        await nodes.StartAsync();
        var addresses = await nodes[0].GetListenAddressesAsync();
        Console.WriteLine(addresses.IsEmpty ? "none" : addresses[0].ToString());
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Console.WriteLine(await AnswerAsync(nodes, line.Split(' ')));
        }
    }

    private static async Task<string> AnswerAsync(Nodes nodes, string[] words) => words switch
    {
        ["bootstrap"] => await BootstrapAsync(nodes),
        ["put", var node, var key] => await PutAsync(nodes[Number(node)], key),
        ["get", var node, var key] => await GetAsync(nodes[Number(node)], key),
        ["puts", var node, var count] => await PutsAsync(nodes[Number(node)], Number(count)),
        ["gets", var node, var keys, var count, var parallel] => await GetsAsync(nodes[Number(node)], Number(keys), Number(count), Number(parallel)),
        _ => throw new ArgumentException($"No such command: {string.Join(' ', words)}", nameof(words)),
    };

    /// <summary>Every node looks itself up; the fewest peers that one of them knows then.</summary>
    private static async Task<string> BootstrapAsync(Nodes nodes)
    {
        var fewest = int.MaxValue;
        foreach (var node in nodes.All)
        {
            await node.BootstrapAsync();
            fewest = Math.Min(fewest, (await node.GetRoutesAsync()).Length);
        }

        return Text(fewest);
    }

    private static async Task<string> PutAsync(INetabase node, string key)
    {
        var entry = Entry(key);
        var began = Stopwatch.GetTimestamp();
        var put = await node.PutRecordAsync(entry);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return put is PutResult.Replicated replicated ? $"{Text(took)} {replicated.Replicas}" : throw new InvalidOperationException(put.ToString());
    }

    private static async Task<string> GetAsync(INetabase node, string key)
    {
        var began = Stopwatch.GetTimestamp();
        var got = await node.GetRecordAsync(new KeyValue.Entry.Key(key));
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return got is GetResult<KeyValue.Entry>.Found found ? $"{Text(took)} {found.Source}" : throw new InvalidOperationException(got.ToString());
    }

    /// <summary>Puts the records that <see cref="GetsAsync"/> gets, wherever they come to lie.</summary>
    private static async Task<string> PutsAsync(INetabase node, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var put = await node.PutRecordAsync(Entry(KeyOf(number)));
            if (put is not (PutResult.Replicated or PutResult.StoredLocally))
            {
                throw new InvalidOperationException(put.ToString());
            }
        }

        return Text(count);
    }

    /// <summary>So many gets of records that lie elsewhere, so many under way at once; the milliseconds of them all.</summary>
    private static async Task<string> GetsAsync(INetabase node, int keys, int count, int parallel)
    {
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var mine && mine < count)
            {
                if (await node.GetRecordAsync(new KeyValue.Entry.Key(KeyOf(mine % keys))) is not GetResult<KeyValue.Entry>.Found { Source: RecordSource.Network })
                {
                    throw new InvalidOperationException("A get did not find its record at the other node.");
                }
            }
        }));
        return Text(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    private static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"record-{number}");

    private static KeyValue.Entry Entry(string key)
    {
        var value = new byte[ValueSize];
        Random.Shared.NextBytes(value);
        return new KeyValue.Entry { Name = key, Value = new Payload(value) };
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static string Text(double figure) => figure.ToString("0.####", CultureInfo.InvariantCulture);
}
