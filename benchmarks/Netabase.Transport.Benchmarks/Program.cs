using System.Globalization;
using Netabase.Transport.Benchmarks;
using Netabase.Transport.Benchmarks.Compare;

switch (args)
{
    case ["compare", ..]:
        await new Comparison(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5).RunAsync();
        return 0;
    case ["serve"]:
        await OurPeer.ServeAsync();
        return 0;
    case ["delay", var target, var milliseconds, var bitsPerSecond]:
        await LongLine.ServeAsync(target, milliseconds, bitsPerSecond);
        return 0;
    case ["one", var row, ..]:
        await OneMeasure.RunAsync(row, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1);
        return 0;
    case ["yamux", ..]:
        await YamuxBenchmark.RunAsync();
        return 0;
    case ["secure", ..]:
        await SecureBenchmark.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("Which one? compare [rounds], one <row> [times], yamux, secure");
        return 2;
}
