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
    case ["yamux", ..]:
        await YamuxBenchmark.RunAsync();
        return 0;
    case ["secure", ..]:
        await SecureBenchmark.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("Which one? compare [rounds], yamux, secure");
        return 2;
}
