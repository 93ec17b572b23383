using Netabase.Transport.Benchmarks;

switch (args)
{
    case ["yamux", ..]:
        await YamuxBenchmark.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("Which one? yamux");
        return 2;
}
