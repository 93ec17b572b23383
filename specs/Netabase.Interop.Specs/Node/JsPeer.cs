using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Netabase.Interop.Node;

/// <summary>How a js-libp2p peer is set up.</summary>
/// <param name="Listen">Multiaddrs to listen on.</param>
/// <param name="Security"><c>noise</c>, <c>tls</c>, in order of preference.</param>
/// <param name="MdnsService">The mDNS service to announce and look for; null for no mDNS.</param>
/// <param name="Dht">Its DHT; null for none.</param>
public sealed record JsPeerOptions(string[] Listen, string[] Security, string? MdnsService = null, JsDhtOptions? Dht = null)
{
    /// <summary>TCP with Noise.</summary>
    public static JsPeerOptions Default { get; } = new(["/ip4/127.0.0.1/tcp/0"], ["noise"]);
}

/// <summary>A js-libp2p peer in a process of its own (<c>js/peer.js</c>), driven by JSON lines; it ends with us.</summary>
public sealed class JsPeer : IAsyncDisposable
{
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(90);
    private readonly Lock _gate = new();
    private readonly Dictionary<long, TaskCompletionSource<JsonObject>> _calls = [];
    private readonly List<JsonObject> _happened = [];
    private readonly List<(Func<JsonObject, bool> Wanted, TaskCompletionSource<JsonObject> Found)> _waiting = [];
    private readonly Channel<string> _commands = Channel.CreateBounded<string>(64);
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task _writing;
    private readonly Task<string> _errors;
    private long _lastCall;

    private JsPeer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
        _writing = WriteAsync();
    }

    /// <summary>Its peer id.</summary>
    public string Peer { get; private set; } = "";

    /// <summary>Its addresses, each with <c>/p2p</c>.</summary>
    public string[] Addresses { get; private set; } = [];

    /// <summary>The operating system's number for its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts one and waits until it listens.</summary>
    public static async Task<JsPeer> StartAsync(NodeRuntime node, JsPeerOptions options)
    {
        var settings = new JsonObject
        {
            ["listen"] = new JsonArray([.. options.Listen.Select(address => JsonValue.Create(address))]),
            ["security"] = new JsonArray([.. options.Security.Select(name => JsonValue.Create(name))]),
        };
        if (options.MdnsService is { } service)
        {
            settings["mdns"] = new JsonObject { ["serviceTag"] = service, ["interval"] = 1000 };
        }

        if (options.Dht is { } dht)
        {
            settings["dht"] = dht.ToJson();
        }

        var process = Process.Start(node.Run("peer.js", settings.ToJsonString()))
            ?? throw new InvalidOperationException("node did not start.");
        var peer = new JsPeer(process);
        try
        {
            var ready = await peer.EventAsync("ready");
            peer.Peer = (string)ready["peer"]!;
            peer.Addresses = [.. ready["addresses"]!.AsArray().Select(address => (string)address!)];
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command and returns its answer.</summary>
    /// <exception cref="JsPeerException">The command failed there; the message is its error.</exception>
    public async Task<JsonObject> CallAsync(string command, params (string Name, JsonNode? Value)[] arguments)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var line = new JsonObject { ["id"] = id, ["command"] = command };
        foreach (var (name, value) in arguments)
        {
            line[name] = value;
        }

        var answer = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _calls.Add(id, answer);
        }

        await _commands.Writer.WriteAsync(line.ToJsonString());
        var result = await answer.Task.WaitAsync(CallDeadline);
        return (bool)result["ok"]! ? result : throw new JsPeerException($"{command}: {(string)result["error"]!}");
    }

    /// <summary>The first event of that name that fits, past or future.</summary>
    public async Task<JsonObject> EventAsync(string name, Func<JsonObject, bool>? wanted = null, TimeSpan? deadline = null)
    {
        bool Fits(JsonObject happened) => (string?)happened["event"] == name && wanted?.Invoke(happened) != false;
        var found = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_happened.Find(Fits) is { } past)
            {
                return past;
            }

            _waiting.Add((Fits, found));
        }

        try
        {
            return await found.Task.WaitAsync(deadline ?? TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            string seen;
            lock (_gate)
            {
                seen = string.Join('\n', _happened.Select(happened => happened.ToJsonString()));
            }

            throw new TimeoutException($"js-libp2p did not report `{name}`. It reported:\n{seen}");
        }
    }

    /// <summary>Ends it by the end of its input, and by force if that is not enough.</summary>
    public async ValueTask DisposeAsync()
    {
        _commands.Writer.TryComplete();
        try
        {
            await _writing;
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (Exception error) when (error is TimeoutException or IOException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        await _reading;
        await _errors;
        _process.Dispose();
    }

    private async Task WriteAsync()
    {
        await foreach (var line in _commands.Reader.ReadAllAsync())
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }

        _process.StandardInput.Close();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            try
            {
                Take(JsonNode.Parse(line)!.AsObject());
            }
            catch (JsonException)
            {
                // Not ours: some package printed a line.
            }
        }

        await _process.WaitForExitAsync();
        var errors = await _errors;
        var ended = new JsPeerException(
            string.Create(CultureInfo.InvariantCulture, $"js-libp2p ended with {_process.ExitCode}: {errors}"));
        lock (_gate)
        {
            foreach (var call in _calls.Values)
            {
                call.TrySetException(ended);
            }

            foreach (var (_, found) in _waiting)
            {
                found.TrySetException(ended);
            }
        }
    }

    private void Take(JsonObject said)
    {
        lock (_gate)
        {
            if (said["id"] is { } id)
            {
                if (_calls.Remove((long)id, out var call))
                {
                    call.TrySetResult(said);
                }

                return;
            }

            _happened.Add(said);
            foreach (var waiting in _waiting.Where(waiting => waiting.Wanted(said)).ToList())
            {
                waiting.Found.TrySetResult(said);
                _waiting.Remove(waiting);
            }
        }
    }
}

/// <summary>A command failed inside js-libp2p, or its process ended.</summary>
public sealed class JsPeerException(string message) : Exception(message);
