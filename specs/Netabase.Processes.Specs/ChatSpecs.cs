using System.Security.Cryptography;

namespace Netabase.Processes.Specs;

/// <summary>The chat example, two of it: discovery, messages both ways, history from the local store.</summary>
public sealed class ChatSpecs : ProcessSpec
{
    [Fact]
    public async Task Two_who_chat_find_each_other_hear_each_other_and_have_the_history_after_a_restart()
    {
        var service = $"_nb{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}._udp.local";
        var ann = Own(Start("ann", service));
        var ben = Own(Start("ben", service));
        await ann.LineAsync(line => line.EndsWith("is here)", StringComparison.Ordinal), "the other's coming");
        await ben.LineAsync(line => line.EndsWith("is here)", StringComparison.Ordinal), "the other's coming");

        await ann.SayAsync("hello ben");
        await ben.LineAsync(line => line == "ann: hello ben", "ann's message");
        await ben.SayAsync("hello ann");
        await ann.LineAsync(line => line == "ben: hello ann", "ben's message");
        await ben.SayAsync("/by ann");
        await ben.LineAsync(line => line.EndsWith(" ann: hello ben", StringComparison.Ordinal), "ann's messages");
        await ann.SayAsync("/quit");
        await ben.SayAsync("/quit");
        Assert.Equal((0, 0), ((await ann.EndAsync()).ExitCode, (await ben.EndAsync()).ExitCode));

        var again = Own(Start("ann", service));
        await again.LineAsync(line => line.StartsWith("You are ann; 2 messages", StringComparison.Ordinal), "two messages");
        await again.SayAsync("/history");
        await again.LineAsync(line => line.EndsWith(" ben: hello ann", StringComparison.Ordinal), "ben's message in the history");
        await again.SayAsync("/quit");
        Assert.Equal(0, (await again.EndAsync()).ExitCode);
    }

    private Run Start(string name, string service) => Run.Start("Chat.dll", name, Path.Combine(Folder, name), service);
}
