using System.Runtime.InteropServices;
using Netabase;
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
    await using var dht = options.DhtMode is { } mode ? await NodeDht.StartAsync(options, mode, stop.Token) : null;
    await using var plain = dht is null ? DaemonNode.Create(options) : null;
    if (plain is not null)
    {
        await plain.StartAsync(stop.Token);
    }

    var network = plain ?? dht!.Network;
    using var control = new ControlListener(network, dht, options.Control);
    Console.WriteLine($"Control socket: {control.Address}");
    Console.WriteLine($"Peer ID: {network.LocalPeer}");
    foreach (var address in network.ListenAddresses)
    {
        Console.WriteLine($"Peer Addr: {address}");
    }

    await control.RunAsync(stop.Token);
    return 0;
}
catch (Exception failed) when (failed is TransportException or NetabaseException or IOException or System.Net.Sockets.SocketException)
{
    await Console.Error.WriteLineAsync(failed.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
