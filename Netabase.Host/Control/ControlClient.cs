using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Netabase.Persistence;

namespace Netabase.Host.Control;

/// <summary>No node runs on a data folder, or none that can be asked.</summary>
internal sealed class NoNodeException(string message) : Exception(message);

/// <summary>
/// Asks the node that runs on a data folder. Each request has a connection of its own, so that one client may have several
/// under way from any thread.
/// </summary>
/// <param name="dataPath">The node's data folder; null for the user's own.</param>
internal sealed class ControlClient(string? dataPath)
{
    // The node's own limit is the operator's; this one only keeps a stranger at the socket from filling the memory.
    private const int FrameMax = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The data folder whose node is asked.</summary>
    public string DataPath { get; } = Path.GetFullPath(dataPath ?? DataFolder.DefaultPath("netabase"));

    /// <summary>A request with one result.</summary>
    /// <exception cref="NoNodeException">No node runs there.</exception>
    /// <exception cref="ControlException">The node answered with an error.</exception>
    public async Task<TResult> AskAsync<TArgs, TResult>(
        string op, TArgs args, JsonTypeInfo<TArgs> argsType, JsonTypeInfo<TResult> resultType, CancellationToken cancellation)
    {
        await foreach (var answer in StreamAsync(op, args, argsType, cancellation).ConfigureAwait(false))
        {
            if (answer.Done is { } done)
            {
                return Read(done, resultType);
            }
        }

        throw Ended(op);
    }

    /// <summary>The frames of an answer, each with an item but the last, which has the end.</summary>
    /// <exception cref="NoNodeException">No node runs there.</exception>
    /// <exception cref="ControlException">The node answered with an error.</exception>
    public async IAsyncEnumerable<ControlAnswer> StreamAsync<TArgs>(
        string op, TArgs args, JsonTypeInfo<TArgs> argsType, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var frames = await OpenAsync(cancellation).ConfigureAwait(false);
        await using var closing = frames.ConfigureAwait(false);
        await SendAsync(frames, new ControlRequest(ControlHello.Version, op, JsonSerializer.SerializeToElement(args, argsType)), cancellation).ConfigureAwait(false);
        while (await NextAsync(frames, op, cancellation).ConfigureAwait(false) is { } answer)
        {
            yield return answer;
            if (answer.Done is not null)
            {
                yield break;
            }
        }
    }

    /// <summary>Reads an item or an end.</summary>
    public static T Read<T>(JsonElement element, JsonTypeInfo<T> type)
    {
        try
        {
            return element.Deserialize(type) ?? throw new ControlException(ControlErrorCode.Failed, "The node's answer is empty.");
        }
        catch (JsonException wrong)
        {
            throw new ControlException(ControlErrorCode.Failed, $"The node's answer is of another form than was expected; is it of another version? {wrong.Message}", wrong);
        }
    }

    private async Task<ControlFrames> OpenAsync(CancellationToken cancellation)
    {
        if (ControlPlace.Find(DataPath) is not { } path)
        {
            throw NoNode();
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var frames = default(ControlFrames);
        try
        {
            using var patience = Deadline(cancellation);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token).ConfigureAwait(false);
            frames = new ControlFrames(new NetworkStream(socket, ownsSocket: true), FrameMax);
            var hello = await frames.ReadAsync(ControlJson.Default.ControlHello, patience.Token).ConfigureAwait(false) ?? throw NoNode();
            return hello.Control == ControlHello.Version
                ? frames
                : throw new ControlException(ControlErrorCode.Unknown, $"The node is Netabase {hello.Netabase} and speaks version {hello.Control} of the control protocol, this command version {ControlHello.Version}.");
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            throw refused.SocketErrorCode == SocketError.AccessDenied
                ? new ControlException(ControlErrorCode.Refused, $"The node on {DataPath} belongs to another user.", refused)
                : NoNode();
        }
        catch (IOException)
        {
            // It was there, and went away before it had said hello.
            socket.Dispose();
            throw NoNode();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new ControlException(ControlErrorCode.TimedOut, $"The node on {DataPath} does not answer; look at its output.");
        }
        catch (InvalidDataException stranger)
        {
            socket.Dispose();
            throw new ControlException(ControlErrorCode.Failed, $"What answers at {path} is no node: {stranger.Message}", stranger);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task SendAsync(ControlFrames frames, ControlRequest request, CancellationToken cancellation)
    {
        try
        {
            using var patience = Deadline(cancellation);
            await frames.WriteAsync(request, ControlJson.Default.ControlRequest, patience.Token).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It closed because it has something to say, such as that it is busy: that is read next.
        }
    }

    private static async Task<ControlAnswer?> NextAsync(ControlFrames frames, string op, CancellationToken cancellation)
    {
        try
        {
            var answer = await frames.ReadAsync(ControlJson.Default.ControlAnswer, cancellation).ConfigureAwait(false) ?? throw Ended(op);
            return answer.Error is { } error ? throw new ControlException(error.Code, error.Message) : answer;
        }
        catch (IOException gone)
        {
            throw new ControlException(ControlErrorCode.Failed, $"The node went away before it had answered {op}; it may or may not have been done.", gone);
        }
        catch (InvalidDataException malformed)
        {
            throw new ControlException(ControlErrorCode.Failed, malformed.Message, malformed);
        }
    }

    private NoNodeException NoNode() =>
        new($"No node runs on {DataPath}. Start one with: netabase node --data {DataPath}");

    private static ControlException Ended(string op) =>
        new(ControlErrorCode.Failed, $"The node went away before it had answered {op}; it may or may not have been done.");

    private static CancellationTokenSource Deadline(CancellationToken cancellation)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        source.CancelAfter(Patience);
        return source;
    }
}
