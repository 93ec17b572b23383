using Microsoft.Extensions.Time.Testing;

namespace Netabase.Actors.Specs.Network;

/// <summary>Clocks that jump, identities that stay.</summary>
public sealed class JumpSpecs : NetSpec
{
    [Fact]
    public async Task What_a_node_writes_whose_clock_has_jumped_ahead_is_held_by_nobody_else_and_it_is_told_so()
    {
        var one = await JoinAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var other = await CreateAsync("", [one], time: time);
        await other.Node.StartSwarmAsync();
        await KnowAsync(1, one, other);
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Note(1)));

        time.Advance(TimeSpan.FromHours(1));
        var stored = Assert.IsType<PutResult.StoredLocally>(await other.Node.PutRecordAsync(Note(2)));
        Assert.Equal(0, stored.Replicas);
        Assert.NotNull((await other.Node.GetRecordAsync(Key(2))).Value);
    }

    [Fact]
    public async Task A_record_of_a_time_that_has_passed_elsewhere_is_not_got_there()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var one = await CreateAsync(time: time);
        await one.Node.StartSwarmAsync();
        var other = await JoinAsync("", one);
        await KnowAsync(1, one, other);
        await other.Node.PutRecordAsync(Note(1), TimeSpan.FromMinutes(10));
        Assert.NotNull((await one.Node.GetRecordAsync(Key(1))).Value);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Null((await one.Node.GetRecordAsync(Key(1))).Value);
    }

    [Fact]
    public async Task A_node_is_the_same_peer_whenever_it_starts_with_its_key_file()
    {
        var file = Path.Combine(Path.GetTempPath(), $"netabase-{Guid.NewGuid():N}", "identity.key");
        try
        {
            var hocon = $"netabase.network.identity-file = \"{file.Replace("\\", "\\\\", StringComparison.Ordinal)}\"";
            var first = await JoinAsync(hocon);
            var id = first.Id;
            await first.Node.DisposeAsync();
            Assert.Equal(id, (await JoinAsync(hocon)).Id);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
