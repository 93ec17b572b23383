using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Settings;

namespace Netabase.Host.Control;

/// <summary>Serves the control clients of one node, each on a connection of its own.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly INetabase _node;
    private readonly string _name;
    private readonly ControlSettings _settings;
    private readonly ILogger _log;
    private readonly BoundSocket _socket;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _serving = [];
    private readonly Task _accepting;
    private int _served;

    private ControlServer(INetabase node, string name, BoundSocket socket, ControlSettings settings, ILogger log)
    {
        _node = node;
        _name = name;
        _socket = socket;
        _settings = settings;
        _log = log;
        _accepting = AcceptAsync();
    }

    /// <summary>The socket's path.</summary>
    public string Path => _socket.Path;

    private static string Version { get; } =
        typeof(ControlServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Binds the socket of the data folder and serves from now on.</summary>
    /// <exception cref="IOException">Another node is served there, or the folder cannot be used.</exception>
    public static ControlServer Start(INetabase node, string name, string dataPath, ControlSettings settings, ILogger log) =>
        new(node, name, ControlPlace.Bind(dataPath, settings.ConnectionsMax), settings, log);

    /// <summary>Calls off what is under way and takes the socket away.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _socket.Dispose();
        await Task.WhenAll(_serving).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _socket.Socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                _serving.RemoveWhere(task => task.IsCompleted);
                _serving.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (SocketException failure)
        {
            _log.LogError(failure, "The control endpoint {Path} accepts nobody any more.", Path);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await Task.Yield();
        var isRoom = Interlocked.Increment(ref _served) <= _settings.ConnectionsMax;
        var frames = new ControlFrames(new NetworkStream(client, ownsSocket: true), _settings.FrameMax);
        await using var closing = frames.ConfigureAwait(false);
        try
        {
            await SendAsync(frames, new ControlHello(ControlHello.Version, Version, _name)).ConfigureAwait(false);
            if (!isRoom)
            {
                await FailAsync(frames, ControlErrorCode.Busy, $"{_settings.ConnectionsMax} clients are served already; try again later.").ConfigureAwait(false);
                return;
            }

            using var patience = Deadline(_settings.RequestTimeout);
            if (await frames.ReadAsync(ControlJson.Default.ControlRequest, patience.Token).ConfigureAwait(false) is { } request)
            {
                await AnswerAsync(frames, request).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException malformed)
        {
            await FailAsync(frames, ControlErrorCode.Malformed, malformed.Message).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _log.LogDebug("A control client left: {Reason}", gone.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _served);
        }
    }

    private async Task AnswerAsync(ControlFrames frames, ControlRequest request)
    {
        if (request.Control != ControlHello.Version)
        {
            await FailAsync(frames, ControlErrorCode.Unknown, $"This node speaks version {ControlHello.Version} of the control protocol, the client {request.Control}.").ConfigureAwait(false);
            return;
        }

        if (ControlOperation.All.FirstOrDefault(operation => operation.Name == request.Op) is not { } operation)
        {
            await FailAsync(frames, ControlErrorCode.Unknown, "This node has no such operation; it may be of an earlier version than the client.").ConfigureAwait(false);
            return;
        }

        using var calledOff = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var left = CancelWhenLeftAsync(frames, calledOff);
        try
        {
            var done = await RunAsync(operation, frames, request, calledOff.Token).ConfigureAwait(false);
            await SendAsync(frames, done).ConfigureAwait(false);
        }
        finally
        {
            await calledOff.CancelAsync().ConfigureAwait(false);
            await left.ConfigureAwait(false);
        }
    }

    private async Task<ControlAnswer> RunAsync(ControlOperation operation, ControlFrames frames, ControlRequest request, CancellationToken cancellation)
    {
        try
        {
            var call = new ControlCall(_node, request.Args, item => SendAsync(frames, new ControlAnswer(Item: item)));
            return new ControlAnswer(Done: await operation.RunAsync(call, cancellation).ConfigureAwait(false));
        }
        catch (ControlException error)
        {
            return Error(error.Code, error.Message);
        }
        catch (NetabaseException refused)
        {
            return Error(ControlErrorCode.Refused, refused.Message);
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            return Error(ControlErrorCode.Refused, wrong.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Error(ControlErrorCode.Refused, "The node stops.");
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or IOException or InvalidDataException or ObjectDisposedException))
        {
            // One client's trouble is not the node's; the operator is told all of it.
            _log.LogError(failure, "The control operation {Operation} failed.", operation.Name);
            return Error(ControlErrorCode.Failed, $"The node could not do it: {failure.Message}");
        }
    }

    private static async Task CancelWhenLeftAsync(ControlFrames frames, CancellationTokenSource calledOff)
    {
        try
        {
            await frames.LeftAsync(calledOff.Token).ConfigureAwait(false);
            await calledOff.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            // The answer was sent first.
        }
    }

    private static ControlAnswer Error(string code, string message) => new(Error: new ControlError(code, message));

    private async Task FailAsync(ControlFrames frames, string code, string message)
    {
        try
        {
            await SendAsync(frames, Error(code, message)).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _log.LogDebug("A control client left: {Reason}", gone.Message);
        }
    }

    private async ValueTask SendAsync(ControlFrames frames, ControlHello hello)
    {
        using var patience = Deadline(_settings.RequestTimeout);
        await frames.WriteAsync(hello, ControlJson.Default.ControlHello, patience.Token).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(ControlFrames frames, ControlAnswer answer)
    {
        // Also while the node stops: the client is told so.
        using var patience = new CancellationTokenSource(_settings.RequestTimeout);
        await frames.WriteAsync(answer, ControlJson.Default.ControlAnswer, patience.Token).ConfigureAwait(false);
    }

    private CancellationTokenSource Deadline(TimeSpan time)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        source.CancelAfter(time);
        return source;
    }
}
