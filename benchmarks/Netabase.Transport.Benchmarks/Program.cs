using Netabase.Transport.Benchmarks;

switch (args)
{
    case ["yamux", ..]:
        await YamuxBenchmark.RunAsync();
        return 0;
    case ["secure", ..]:
        await SecureBenchmark.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("Which one? yamux, secure");
        return 2;
}
