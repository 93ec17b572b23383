using FsCheck.Xunit;
using Netabase.Multiformats;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Records;

public sealed class RecordRulesSpecs
{
    [Fact]
    public void The_later_clock_wins_whoever_published()
    {
        Assert.True(RecordRules.IsNewer(At(2), At(1, 9)));
        Assert.False(RecordRules.IsNewer(At(1, 9), At(2)));
        Assert.True(RecordRules.IsNewer(At(ulong.MaxValue), At(1)));
    }

    [Fact]
    public void Equal_clocks_are_decided_by_the_larger_publisher_and_none_is_the_smallest()
    {
        Assert.True(RecordRules.IsNewer(At(1, 2), At(1, 1)));
        Assert.True(RecordRules.IsNewer(At(1, 0x80), At(1, 0x7f)));
        Assert.True(RecordRules.IsNewer(At(1, 0), At(1)));
        Assert.False(RecordRules.IsNewer(At(1), At(1, 0)));
    }

    [Fact]
    public void A_version_never_takes_its_own_place_even_with_another_expiry_or_signature()
    {
        Assert.False(RecordRules.IsNewer(At(1, 1) with { ExpiresAt = 9 }, At(1, 1)));
        Assert.True(RecordRules.IsSameVersion(At(1, 1) with { ExpiresAt = 9 }, At(1, 1)));
        Assert.False(RecordRules.IsSameVersion(At(1, 1), At(1)));
    }

    [Property]
    public bool Of_two_versions_exactly_one_wins_unless_they_are_the_same(byte clock, byte? publisher, byte otherClock, byte? otherPublisher)
    {
        var (one, other) = (At(clock, publisher), At(otherClock, otherPublisher));
        return RecordRules.IsSameVersion(one, other)
            ? !RecordRules.IsNewer(one, other) && !RecordRules.IsNewer(other, one)
            : RecordRules.IsNewer(one, other) != RecordRules.IsNewer(other, one);
    }

    [Theory]
    [InlineData(null, 5L, false)]
    [InlineData(6L, 5L, false)]
    [InlineData(5L, 5L, true)]
    [InlineData(4L, 5L, true)]
    public void At_its_expiry_a_record_is_gone(long? expiresAt, long now, bool expected) => Assert.Equal(expected, RecordRules.IsExpired(expiresAt, now));

    private static RecordMetadata At(ulong clock, byte? publisher = null) =>
        new(new HybridTimestamp(clock), publisher is { } peer ? new PeerId(new Payload(new[] { peer })) : null);
}
