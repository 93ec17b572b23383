using System.Runtime.InteropServices;
using Netabase.Daemon;
using Netabase.Transport;

// A node behind the libp2p daemon control protocol, so that test suites of other libp2p implementations can drive it.
if (!DaemonOptions.TryParse(args, out var options, out var error))
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

using var stop = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    await using var network = DaemonNode.Create(options);
    await network.StartAsync(stop.Token);
    using var control = new ControlListener(network, dht: null, options.Control);
    Console.WriteLine($"Control socket: {control.Address}");
    Console.WriteLine($"Peer ID: {network.LocalPeer}");
    foreach (var address in network.ListenAddresses)
    {
        Console.WriteLine($"Peer Addr: {address}");
    }

    await control.RunAsync(stop.Token);
    return 0;
}
catch (Exception failed) when (failed is TransportException or IOException or System.Net.Sockets.SocketException)
{
    await Console.Error.WriteLineAsync(failed.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
