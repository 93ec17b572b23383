using Netabase.Data.Benchmarks.Codec;
using Netabase.Data.Benchmarks.Face;
using Netabase.Data.Benchmarks.Store;

// One measure a word; each prints the table of its goal. `--quick` takes fewer rounds, to see that it works.
var measures = new Dictionary<string, Func<bool, Task>>
{
    ["codec"] = CodecMeasure.RunAsync,
    ["events"] = EventsMeasure.RunAsync,
    ["face"] = FaceMeasure.RunAsync,
    ["store"] = StoreMeasure.RunAsync,
    ["table"] = TableMeasure.RunAsync,
};

var isQuick = args.Contains("--quick");
if (args.FirstOrDefault(arg => !arg.StartsWith('-')) is not { } name || !measures.TryGetValue(name, out var measure))
{
    Console.Error.WriteLine($"usage: Netabase.Data.Benchmarks <{string.Join('|', measures.Keys)}> [--quick]");
    return 2;
}

await measure(isQuick);
return 0;
