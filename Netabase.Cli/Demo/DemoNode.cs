using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Multiformats;

namespace Netabase.Cli.Demo;

/// <summary>A node of the show in a folder of its own; it can be stopped and started again.</summary>
internal sealed class DemoNode(string name, string folder) : IAsyncDisposable
{
    private IHost? _host;

    public string Name => name;

    public INetabase Netabase => _host?.Services.GetRequiredService<INetabase>() ?? throw new InvalidOperationException($"{name} does not run.");

    public async Task StartAsync(IReadOnlyList<Multiaddr> bootstrap, CancellationToken cancellation)
    {
        _host = NodeProgram.Build(
            options =>
            {
                options.Name = name;
                options.DataPath = Path.Combine(folder, name);
                options.StartSwarm = true;
                options.Listen = ["/ip4/127.0.0.1/tcp/0"];
                options.Bootstrap = [.. bootstrap.Select(address => address.ToString())];
                options.Mdns = false;
            },
            isVerbose: false);
        await _host.StartAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            if (host is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
