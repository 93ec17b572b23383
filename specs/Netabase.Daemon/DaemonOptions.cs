using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Netabase.Multiformats;

namespace Netabase.Daemon;

/// <summary>What the flags of the program say. Names and meaning are those of go-libp2p-daemon's <c>p2pd</c>.</summary>
internal sealed record DaemonOptions
{
    private static readonly string[] LaterFeatures = ["relay", "pubsub", "pubsubRouter"];

    /// <summary>Where the control socket listens.</summary>
    public Multiaddr Control { get; private init; } = Multiaddr.Parse("/ip4/127.0.0.1/tcp/0");

    /// <summary>Where the node listens; empty for a node that only dials.</summary>
    public ImmutableArray<Multiaddr> Listen { get; private init; } = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")];

    /// <summary>A file with the node's private key in its protobuf form; null for a fresh key.</summary>
    public string? IdentityFile { get; private init; }

    /// <summary>The security protocols that were asked for by name; Noise and TLS when none was.</summary>
    public ImmutableArray<string> Securities { get; private init; } = [];

    /// <summary>How the node takes part in the DHT, as <c>network.mode</c> names it; null for not at all.</summary>
    public string? DhtMode { get; private init; }

    /// <summary>Reads <c>-name</c>, <c>-name=value</c> and <c>-name value</c>, with one or two dashes.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="options">The result.</param>
    /// <param name="error">What was wrong, in a sentence.</param>
    public static bool TryParse(
        IReadOnlyList<string> arguments, [NotNullWhen(true)] out DaemonOptions? options, [NotNullWhen(false)] out string? error)
    {
        var read = new DaemonOptions();
        options = null;
        error = null;
        for (var at = 0; at < arguments.Count && error is null; at++)
        {
            var argument = arguments[at];
            if (!argument.StartsWith('-'))
            {
                error = $"`{argument}` is not a flag.";
                return false;
            }

            var parts = argument.TrimStart('-').Split('=', 2);
            var value = parts.Length == 2 ? parts[1] : null;
            if (value is null && at + 1 < arguments.Count && !arguments[at + 1].StartsWith('-'))
            {
                value = arguments[++at];
            }

            error = read.Apply(parts[0], value, out read);
        }

        options = error is null ? read.WithDefaults() : null;
        return error is null;
    }

    private string? Apply(string name, string? value, out DaemonOptions next)
    {
        next = this;
        switch (name)
        {
            case "listen":
                return ApplyControl(value, out next);
            case "hostAddrs":
                return ApplyListen(value, out next);
            case "noListenAddrs":
                next = IsOn(value) ? this with { Listen = [] } : this;
                return null;
            case "id":
                next = this with { IdentityFile = value };
                return string.IsNullOrEmpty(value) ? "-id needs the path of a key file." : null;
            case "noise" or "tls" or "plaintext":
                next = IsOn(value) ? this with { Securities = Securities.Add(name) } : this;
                return null;
            case "dht" or "dhtClient" or "dhtServer":
                var mode = name switch { "dht" => "automatic", "dhtClient" => "client", _ => "server" };
                next = IsOn(value) ? this with { DhtMode = mode } : this;
                return null;
            case "muxer":
                return value == "yamux" ? null : $"The muxer here is yamux, not `{value}`.";
            default:
                return ApplyLater(name, value);
        }
    }

    private string? ApplyControl(string? value, out DaemonOptions next)
    {
        next = this;
        if (!Multiaddr.TryParse(value, out var address) || !address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out _, out _))
        {
            return $"-listen needs an IP and TCP multiaddr, not `{value}`.";
        }

        next = this with { Control = address };
        return null;
    }

    private string? ApplyListen(string? value, out DaemonOptions next)
    {
        next = this;
        var addresses = ImmutableArray.CreateBuilder<Multiaddr>();
        foreach (var text in (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Multiaddr.TryParse(text, out var address))
            {
                return $"-hostAddrs needs multiaddrs separated by commas; `{text}` is none.";
            }

            addresses.Add(address);
        }

        next = this with { Listen = addresses.ToImmutable() };
        return addresses.Count == 0 ? "-hostAddrs needs at least one multiaddr." : null;
    }

    /// <summary>A feature that is switched off is no reason to refuse; one that is asked for and missing is.</summary>
    private static string? ApplyLater(string name, string? value)
    {
        if (!LaterFeatures.Contains(name, StringComparer.Ordinal))
        {
            return $"There is no flag -{name}.";
        }

        return IsOn(value) ? $"-{name} asks for something that this daemon does not serve." : null;
    }

    private static bool IsOn(string? value) => value is not ("false" or "0");

    private DaemonOptions WithDefaults() => Securities.IsEmpty ? this with { Securities = ["noise", "tls"] } : this;
}
