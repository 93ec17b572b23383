using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;
using Netabase.Transport.Upgrade;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Upgrade;

/// <summary>An upgrade can be watched from outside, however it ends.</summary>
public sealed class UpgradeTraceSpecs : IDisposable
{
    private static readonly PrivateKey Left = PrivateKey.Generate();
    private static readonly PrivateKey Right = PrivateKey.Generate();

    private readonly ConcurrentBag<Activity> _spans = [];
    private readonly ConcurrentBag<(string Instrument, string Direction, string Security, string Outcome)> _measured = [];
    private readonly Lines _log = new();
    private readonly ActivitySource _source = new("Netabase.Transport.Specs.Upgrade");
    private readonly ActivityListener _spanListener;
    private readonly MeterListener _meterListener = new();
    private readonly Activity _ours;

    public UpgradeTraceSpecs()
    {
        _spanListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TransportTelemetry.Name || source == _source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.OperationName == "upgrade" && IsOurs(span)) _spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_spanListener);
        _ours = _source.StartActivity("spec")!;
        _meterListener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TransportTelemetry.Name) listener.EnableMeasurementEvents(instrument);
        };
        _meterListener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Measured(instrument, tags));
        _meterListener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Measured(instrument, tags));
        _meterListener.Start();
    }

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    public void Dispose()
    {
        _ours.Dispose();
        _meterListener.Dispose();
        _spanListener.Dispose();
        _source.Dispose();
    }

    [Fact]
    public async Task A_finished_upgrade_is_counted_timed_traced_and_logged_on_both_ends()
    {
        var pair = new RawPair();
        var listening = Upgrader(Right).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        var dialed = await Upgrader(Left).UpgradeAsync(pair.Dialer, ConnectionRole.Dialer, Right.PublicKey.PeerId, Soon);
        var accepted = await listening;
        Assert.Equal([("Inbound", "/noise", "Succeeded"), ("Outbound", "/noise", "Succeeded")], Of("netabase.transport.handshakes"));
        Assert.Equal([("Inbound", "/noise", "Succeeded"), ("Outbound", "/noise", "Succeeded")], Of("netabase.transport.handshake.duration"));
        Assert.Equal(2, _spans.Count);
        Assert.All(_spans, span => Assert.Equal(("/noise", "/yamux/1.0.0"), (span.GetTagItem("libp2p.security"), span.GetTagItem("libp2p.muxer"))));
        Assert.Contains(_spans, span => Equals(span.GetTagItem("libp2p.peer"), Left.PublicKey.PeerId.ToString()));
        Assert.Equal(2, _log.Written.Count(line => line.StartsWith("Upgraded the connection", StringComparison.Ordinal)));
        dialed.Muxed.Abort(new TransportException(TransportError.ConnectionClosed, "The spec is over."));
        await dialed.Muxed.DisposeAsync();
        await accepted.Muxed.DisposeAsync();
    }

    [Fact]
    public async Task A_failed_upgrade_is_told_with_its_security_and_its_reason()
    {
        var pair = new RawPair();
        var listening = Upgrader(Right).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        await Assert.ThrowsAsync<TransportException>(
            () => Upgrader(Left).UpgradeAsync(pair.Dialer, ConnectionRole.Dialer, Left.PublicKey.PeerId, Soon).AsTask());
        await Assert.ThrowsAsync<TransportException>(() => listening);
        Assert.Contains(("Outbound", "/noise", "IdentityMismatch"), Of("netabase.transport.handshakes"));
        Assert.Contains(("Inbound", "/noise", "ConnectionClosed"), Of("netabase.transport.handshakes"));
        Assert.All(_spans, span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        Assert.Contains(_log.Written, line => line.Contains("IdentityMismatch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upgrade_that_never_agreed_on_a_security_says_so()
    {
        var pair = new RawPair();
        var listening = Upgrader(Right).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        pair.Dialer.Abort();
        await Assert.ThrowsAsync<TransportException>(() => listening);
        Assert.Equal([("Inbound", "none", "ConnectionClosed")], Of("netabase.transport.handshakes"));
    }

    private Upgrader Upgrader(PrivateKey identity) =>
        new([new NoiseSecurity(identity)], [new YamuxMuxer()], new UpgradeOptions { Log = _log });

    private List<(string Direction, string Security, string Outcome)> Of(string instrument) =>
        [.. _measured.Where(one => one.Instrument == instrument).Select(one => (one.Direction, one.Security, one.Outcome)).Order()];

    /// <summary>Listeners hear the whole process; what runs below this spec's own span is ours.</summary>
    private bool IsOurs(Activity? span) => span is not null && span.TraceId == _ours.TraceId;

    private void Measured(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!instrument.Name.StartsWith("netabase.transport.handshake", StringComparison.Ordinal) || !IsOurs(Activity.Current)) return;
        var said = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
        _measured.Add((instrument.Name, said["direction"], said["security"], said["outcome"]));
    }

    private sealed class Lines : ILogger
    {
        private readonly ConcurrentQueue<string> _written = [];

        public IReadOnlyCollection<string> Written => _written;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _written.Enqueue(formatter(state, exception));
    }
}
