using System.Net.Sockets;
using System.Text;
using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Host.Control;

namespace Netabase.Host.Specs;

/// <summary>A node without a network, served to control clients, in a folder that goes with it.</summary>
internal sealed class ControlledNode : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly IHost _host;

    private ControlledNode(IHost host, string folder) => (_host, Folder) = (host, folder);

    public string Folder { get; }

    public INetabase Node => _host.Services.GetRequiredService<INetabase>();

    public ControlClient Client => new(Folder);

    public static string NewFolder() => Directory.CreateTempSubdirectory("netabase-control-").FullName;

    public static async Task<ControlledNode> StartAsync(string? folder = null, string settings = "", bool network = false)
    {
        folder ??= NewFolder();
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddNetabase(options =>
        {
            options.AddDefinition(KeyValue.Definition);
            options.DataPath = folder;
            options.Backend = "memory";
            options.NetworkEnabled = network;
            options.ControlEndpoint = true;
            options.Configuration = ConfigurationFactory.ParseString($"akka {{ loglevel = WARNING, coordinated-shutdown.exit-clr = off }}\n{settings}");
        });
        var host = builder.Build();
        await host.StartAsync().WaitAsync(Patience);
        return new ControlledNode(host, folder);
    }

    /// <summary>A connection of somebody who need not keep to the protocol; the hello has been read.</summary>
    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlPlace.Find(Folder)!));
        var stream = new NetworkStream(socket, ownsSocket: true) { ReadTimeout = (int)Patience.TotalMilliseconds };
        Assert.Contains("\"control\":1", await ReadAsync(stream), StringComparison.Ordinal);
        return stream;
    }

    /// <summary>One frame as text; empty at the end.</summary>
    public static async Task<string> ReadAsync(Stream stream)
    {
        var prefix = new byte[4];
        if (await stream.ReadAtLeastAsync(prefix, 4, throwOnEndOfStream: false).AsTask().WaitAsync(Patience) < 4)
        {
            return string.Empty;
        }

        var frame = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(prefix)];
        await stream.ReadExactlyAsync(frame).AsTask().WaitAsync(Patience);
        return Encoding.UTF8.GetString(frame);
    }

    public static byte[] Frame(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var frame = new byte[4 + bytes.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame, bytes.Length);
        bytes.CopyTo(frame, 4);
        return frame;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().WaitAsync(Patience);
        _host.Dispose();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
