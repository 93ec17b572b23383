using System.Globalization;

namespace Netabase.Processes.Specs;

/// <summary>An example that runs as three members of one group, each in a process that is spoken to by its terminal.</summary>
public abstract class ReplicatedExample(string program) : ProcessSpec
{
    private protected string Group => Path.Combine(Folder, "group");

    /// <summary>Founds the group and starts its three; the first is at 0.</summary>
    private protected async Task<Run[]> FoundAsync()
    {
        await using var found = Run.Start(program, "found", Group);
        Assert.Equal(0, (await found.EndAsync()).ExitCode);
        var members = Enumerable.Range(0, 3).Select(Member).ToArray();
        await Task.WhenAll(members.Select((member, at) => IsHereAsync(member, at)));
        return members;
    }

    private protected Run Member(int at) => Own(Run.Start(program, Path.Combine(Group, $"{at + 1}")));

    private protected static Task<string> IsHereAsync(Run member, int at) =>
        member.LineAsync(line => line.StartsWith($"You are member {at + 1}.", StringComparison.Ordinal), "its greeting");

    /// <summary>Who leads, as a member was told first.</summary>
    private protected static async Task<int> LeaderAsync(Run member)
    {
        var said = await member.LineAsync(line => line.StartsWith("(member ", StringComparison.Ordinal), "who leads");
        return int.Parse(said.Split(' ')[1], CultureInfo.InvariantCulture) - 1;
    }

    private protected static async Task LeaveAsync(Run member)
    {
        await member.SayAsync("/quit");
        Assert.Equal(0, (await member.EndAsync()).ExitCode);
    }
}

public sealed class CounterSpecs() : ReplicatedExample("Counter.dll")
{
    private const int Each = 40;

    [Fact]
    public async Task Every_addition_counts_once_though_the_leader_is_killed_in_the_middle()
    {
        var members = await FoundAsync();
        await members[0].SayAsync("1000");
        await members[0].LineAsync(line => line.StartsWith("1000 (slot ", StringComparison.Ordinal), "the first count");
        var leader = await LeaderAsync(members[0]);
        var left = Enumerable.Range(0, 3).Where(member => member != leader).Select(member => members[member]).ToArray();

        // Additions of both survivors wait in line; the leader ends when some of them are there.
        await Task.WhenAll(left.Select(AddAllAsync));
        await left[0].LineAsync(IsCount, "a count");
        await members[leader].KillAsync();
        var last = await Task.WhenAll(left.Select(member => member.CountAsync(IsCount, Each + (member == members[0] ? 1 : 0))));
        Assert.Equal(1000 + (2 * Each), last.Max(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture)));

        await left[1].SayAsync(string.Empty);
        await left[1].LineAsync(line => line == "1080", "the count");
        var back = Member(leader);
        await IsHereAsync(back, leader);
        await back.SayAsync(string.Empty);
        await back.LineAsync(line => line == "1080", "the count, where the leader was killed");
        await Task.WhenAll(LeaveAsync(back), LeaveAsync(left[0]), LeaveAsync(left[1]));
    }

    private static async Task AddAllAsync(Run member)
    {
        for (var i = 0; i < Each; i++)
        {
            await member.SayAsync("1");
        }
    }

    private static bool IsCount(string line) => line.Contains(" (slot ", StringComparison.Ordinal);
}

public sealed class InventorySpecs() : ReplicatedExample("Inventory.dll")
{
    private const int Bolts = 20;
    private const int Tries = Bolts + 1;

    [Fact]
    public async Task Each_bolt_is_sold_once_though_two_sell_at_once_and_the_leader_is_killed()
    {
        var members = await FoundAsync();
        await members[0].SayAsync($"add bolts {Bolts}");
        await members[0].LineAsync(line => line.StartsWith($"bolts: {Bolts} left (slot ", StringComparison.Ordinal), "the stock");
        var leader = await LeaderAsync(members[0]);
        var left = Enumerable.Range(0, 3).Where(member => member != leader).Select(member => members[member]).ToArray();

        // Each of two would sell them all, and one more.
        var before = left.Select(seller => seller.Lines.Count(IsSold)).ToArray();
        await Task.WhenAll(left.Select(SellAllAsync));
        await left[0].CountAsync(IsSold, before[0] + 1);
        await members[leader].KillAsync();
        await Task.WhenAll(left.Select((seller, at) => seller.CountAsync(line => IsSold(line) || line == "bolts: only 0 left", before[at] + Tries)));
        Assert.Equal(Bolts, left.Select((seller, at) => seller.Lines.Count(IsSold) - before[at]).Sum());
        Assert.All(left, seller => Assert.Contains("bolts: only 0 left", seller.Lines));

        var back = Member(leader);
        await IsHereAsync(back, leader);
        await back.SayAsync("show bolts");
        await back.LineAsync(line => line == "bolts: 0 left", "the stock, where the leader was killed");
        await Task.WhenAll(LeaveAsync(back), LeaveAsync(left[0]), LeaveAsync(left[1]));
    }

    private static async Task SellAllAsync(Run seller)
    {
        for (var i = 0; i < Tries; i++)
        {
            await seller.SayAsync("take bolts 1");
        }
    }

    private static bool IsSold(string line) => line.StartsWith("bolts: ", StringComparison.Ordinal) && line.Contains(" left (slot ", StringComparison.Ordinal);
}
