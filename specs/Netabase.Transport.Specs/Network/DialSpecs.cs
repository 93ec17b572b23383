using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.DnsAddr;
using Netabase.Transport.Keys;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>How addresses are ordered, tried beside each other, and left alone after they failed.</summary>
public sealed class DialSpecs
{
    private static readonly PeerId Somebody = PrivateKey.Generate().PublicKey.PeerId;
    private readonly FakeTimeProvider _time = new();

    private static Multiaddr At(int i) => Multiaddr.Parse($"/ip4/192.0.2.{i}/tcp/4001");

    [Fact]
    public void The_pause_after_n_failures_is_five_seconds_and_n_squared_up_to_five_minutes()
    {
        var backoff = new DialBackoff(new DialSettings(), _time);
        var pauses = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            backoff.Failed(Somebody, At(1));
            pauses.Add((backoff.Until(Somebody, At(1))!.Value - _time.GetUtcNow()).TotalSeconds);
            _time.Advance(TimeSpan.FromMinutes(6));
        }

        Assert.Equal([5, 6, 9, 14, 21, 30], pauses.Take(6));
        Assert.Equal(300, pauses[^1]);
        Assert.Null(backoff.Until(Somebody, At(1)));
        Assert.Null(backoff.Until(Somebody, At(2)));
    }

    [Fact]
    public void What_is_remembered_of_failures_is_bounded_and_a_success_forgives()
    {
        var backoff = new DialBackoff(new DialSettings(), _time);
        for (var i = 0; i < DialBackoff.Capacity + 100; i++)
        {
            backoff.Failed(Somebody, Multiaddr.Parse($"/ip4/192.0.{i / 250}.{i % 250}/tcp/4001"));
        }

        Assert.Equal(DialBackoff.Capacity, backoff.Count);
        backoff.Succeeded(Somebody);
        Assert.Equal(0, backoff.Count);
    }

    [Fact]
    public async Task A_peer_that_failed_is_not_dialed_again_before_its_back_off_ends()
    {
        using var world = new LoopbackWorld(time: _time);
        await using var net = new LoopbackNet(world);
        var (here, there) = (await net.StartAsync(), net.Create());
        var address = LoopbackWorld.AddressOf(there.LocalPeer);
        await here.ConnectAsync(there.LocalPeer, [address]).FailsAsync(TransportError.Unreachable);
        await there.StartAsync().Soon();
        var refused = (DialException)await here.ConnectAsync(there.LocalPeer, [address]).FailsAsync(TransportError.BackingOff);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(5), refused.RetryAt);
        Assert.Empty(refused.Failures);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(there.LocalPeer, (await here.ConnectAsync(there.LocalPeer, [address]).Soon()).Peer);
    }

    [Fact]
    public async Task The_next_address_is_tried_a_quarter_of_a_second_later_beside_the_silent_one()
    {
        var connector = new ScriptedConnector();
        var race = Race(connector, [At(1), At(2), At(3)]);
        await connector.StartedAsync(1);
        Assert.Equal([At(1)], connector.Started);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Single(connector.Started);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await connector.StartedAsync(2);
        Assert.Equal([At(1), At(2)], connector.Started);
        connector.Connect(At(2));
        var (winner, address, _) = await race.Soon();
        Assert.NotNull(winner);
        Assert.Equal(At(2), address);
        Assert.Equal([At(1)], connector.Cancelled);
    }

    [Fact]
    public async Task An_address_that_fails_makes_way_at_once()
    {
        var connector = new ScriptedConnector();
        var race = Race(connector, [At(1), At(2)]);
        await connector.StartedAsync(1);
        connector.Fail(At(1), TransportError.Unreachable);
        await connector.StartedAsync(2);
        connector.Fail(At(2), TransportError.IdentityMismatch);
        var (winner, _, failures) = await race.Soon();
        Assert.Null(winner);
        Assert.Equal([TransportError.Unreachable, TransportError.IdentityMismatch], failures.Select(failure => failure.Error));
    }

    [Fact]
    public async Task A_silent_address_times_out()
    {
        var connector = new ScriptedConnector();
        var race = Race(connector, [At(1)]);
        await connector.StartedAsync(1);
        _time.Advance(TimeSpan.FromSeconds(15));
        var (_, _, failures) = await race.Soon();
        Assert.Equal(TransportError.TimedOut, Assert.Single(failures).Error);
    }

    [Fact]
    public async Task No_more_attempts_than_allowed_run_beside_each_other()
    {
        var connector = new ScriptedConnector();
        var settings = new DialSettings { ParallelPerPeer = 2 };
        var race = Race(connector, [At(1), At(2), At(3)], settings);
        await connector.StartedAsync(1);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await connector.StartedAsync(2);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, connector.Started.Count);
        connector.Fail(At(1), TransportError.Unreachable);
        await connector.StartedAsync(3);
        connector.Connect(At(3));
        Assert.Equal(At(3), (await race.Soon()).Address);
    }

    [Fact]
    public void Near_addresses_come_first_then_ipv6_and_what_worked_before_comes_before_all()
    {
        var connector = new ScriptedConnector();
        Multiaddr[] wanted =
        [
            Multiaddr.Parse("/ip4/203.0.113.7/tcp/1"), Multiaddr.Parse("/ip4/127.0.0.1/tcp/1"), Multiaddr.Parse("/ip4/10.1.2.3/tcp/1"),
            Multiaddr.Parse("/ip6/2001:db8::1/tcp/1"), Multiaddr.Parse("/ip4/203.0.113.8/tcp/1"),
        ];
        var known = wanted.Select((address, i) =>
            new PeerAddress(address, i == 0 ? AddressSource.Connected : AddressSource.Identify, null));
        Assert.Equal<Multiaddr>([wanted[0], wanted[1], wanted[2], wanted[3]], AddressRanking.Rank(known, [connector], 4));
    }

    [Fact]
    public async Task A_name_is_spelt_out_before_it_is_dialed()
    {
        using var world = new LoopbackWorld();
        await using var net = new LoopbackNet(world);
        var there = await net.StartAsync();
        var names = new ScriptedNames(there.ListenAddresses[0].WithPeer(there.LocalPeer));
        var here = await net.StartAsync(options => options with { Resolver = names });
        var name = Multiaddr.Parse("/dnsaddr/example.org");
        Assert.Equal(there.LocalPeer, (await here.ConnectAsync(there.LocalPeer, [name]).Soon()).Peer);
        Assert.Equal(name.WithPeer(there.LocalPeer), names.Asked);
        await here.DisconnectAsync(there.LocalPeer).Soon();
        Assert.Equal(there.LocalPeer, (await here.ConnectAsync(name).Soon()).Peer);
        await here.ConnectAsync(Somebody, [name]).FailsAsync(TransportError.AddressUnusable);
    }

    [Fact]
    public async Task A_peer_that_tells_hundreds_of_names_has_few_of_them_asked_about()
    {
        using var world = new LoopbackWorld();
        await using var net = new LoopbackNet(world);
        var names = new ScriptedNames(At(1).WithPeer(PrivateKey.Generate().PublicKey.PeerId));
        var here = await net.StartAsync(options => options with { Resolver = names });
        var told = Enumerable.Range(0, 300).Select(i => Multiaddr.Parse($"/dnsaddr/n{i}.example.org")).ToList();
        await here.ConnectAsync(Somebody, told).FailsAsync(TransportError.AddressUnusable);
        Assert.Equal(AddressNames.MaxNames, names.Questions);
    }

    [Fact]
    public async Task A_stop_ends_the_dial_of_a_bare_address_too()
    {
        var connector = new ScriptedConnector();
        await using var here = Alone(connector);
        await here.StartAsync().Soon();
        var dialing = here.ConnectAsync(At(1)).AsTask();
        await connector.StartedAsync(1);
        await here.StopAsync().Soon();
        await dialing.FailsAsync(TransportError.Stopped);
        Assert.Equal([At(1)], connector.Cancelled);
    }

    [Fact]
    public async Task Who_waits_for_a_dial_that_breaks_in_an_unforeseen_way_is_told()
    {
        var connector = new ScriptedConnector();
        await using var here = Alone(connector);
        await here.StartAsync().Soon();
        var dialing = here.ConnectAsync(Somebody, [At(1)]).AsTask();
        await connector.StartedAsync(1);
        connector.Break(At(1), new InvalidOperationException("as scripted"));
        var failure = await dialing.FailsAsync(TransportError.ConnectionClosed);
        Assert.IsType<InvalidOperationException>(failure.InnerException);
    }

    private static Swarm Alone(IConnector connector) =>
        Swarm.Create(new PeerNetworkOptions { Identity = PrivateKey.Generate(), Connectors = [connector] });

    private Task<(UpgradedConnection? Winner, Multiaddr Address, System.Collections.Immutable.ImmutableArray<DialFailure> Failures)> Race(
        ScriptedConnector connector, Multiaddr[] addresses, DialSettings? settings = null)
    {
        settings ??= new DialSettings();
        var race = new AddressRace([connector], settings, new SemaphoreSlim(settings.Parallel), _time);
        return race.RunAsync(Somebody, [.. addresses], CancellationToken.None);
    }
}

/// <summary>A resolver of one name, honest about whose address it is.</summary>
internal sealed class ScriptedNames(Multiaddr meant) : IAddressResolver
{
    public Multiaddr Asked { get; private set; }

    public int Questions { get; private set; }

    public ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(Multiaddr address, CancellationToken cancellation)
    {
        Questions++;
        Asked = Asked.IsEmpty ? address : Asked;
        return new ValueTask<IReadOnlyList<Multiaddr>>(address.Peer is { } peer && peer != meant.Peer ? [] : [meant]);
    }
}

/// <summary>A connector whose dials end when and how the spec says.</summary>
internal sealed class ScriptedConnector : IConnector
{
    private readonly ConcurrentDictionary<Multiaddr, TaskCompletionSource<UpgradedConnection>> _dials = [];
    private readonly ConcurrentQueue<Multiaddr> _started = [];
    private readonly SemaphoreSlim _starts = new(0);
    private int _seen;

    public IReadOnlyList<Multiaddr> Started => [.. _started];

    public ConcurrentBag<Multiaddr> Cancelled { get; } = [];

    public bool CanDial(Multiaddr address) => true;

    public bool CanListen(Multiaddr address) => false;

    public async Task StartedAsync(int count)
    {
        for (; _seen < count; _seen++)
        {
            await _starts.WaitAsync().Soon();
        }
    }

    public void Connect(Multiaddr address)
    {
        var key = PrivateKey.Generate().PublicKey;
        using var world = new LoopbackWorld();
        var muxed = new LoopbackConnection(world, key.PeerId, key.PeerId, isDialer: true);
        muxed.Join(new LoopbackConnection(world, key.PeerId, key.PeerId, isDialer: false));
        _dials[address].SetResult(new UpgradedConnection(
            muxed, ConnectionRole.Dialer, key, key.PeerId, LoopbackConnector.Layer, LoopbackConnector.Layer, address, address));
    }

    public void Break(Multiaddr address, Exception failure) => _dials[address].SetException(failure);

    public void Fail(Multiaddr address, TransportError error) => _dials[address].SetException(new TransportException(error, "as scripted"));

    public async ValueTask<UpgradedConnection> DialAsync(Multiaddr address, PeerId? expected, CancellationToken cancellation)
    {
        var dial = _dials.GetOrAdd(address, _ => new TaskCompletionSource<UpgradedConnection>(TaskCreationOptions.RunContinuationsAsynchronously));
        _started.Enqueue(address);
        _starts.Release();
        try
        {
            return await dial.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Cancelled.Add(address);
            throw;
        }
    }

    public ValueTask<IConnectionListener> ListenAsync(Multiaddr address, CancellationToken cancellation) =>
        throw new TransportException(TransportError.AddressUnusable, "as scripted");
}
