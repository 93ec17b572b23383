using Netabase.Actors.Paxos.Links;
using Netabase.Actors.Paxos.Records;

namespace Netabase.Consensus.Specs.Links;

/// <summary>What is said in a group, as bytes.</summary>
public sealed class HelloSpecs
{
    private static readonly RecordKey Key = RecordKey.Derive("shop", 7, [1, 2, 3]);

    [Fact]
    public void A_hello_is_the_bytes_of_the_wire_page()
    {
        var hello = new LinkHello(1, "g", LinkLane.Bulk);
        Assert.Equal("08011201671801", Convert.ToHexStringLower(hello.Encode()));
        Assert.Equal(hello, LinkHello.Decode(hello.Encode()));
    }

    [Fact]
    public void Commands_and_results_come_back_as_they_were()
    {
        RecordCommand[] commands =
        [
            new(Key, Payload.Copy([9, 9])),
            new(Key, Payload.Empty, Expectation.Absence),
            new(Key, null),
            new(Key, null, Expectation.Version, HybridTimestamp.Create(5, 3)),
        ];
        Assert.All(commands, command => Assert.Equal(command, RecordCommand.Decode(command.Encode().Span)));
        RecordResult[] results = [new(true, HybridTimestamp.Create(1, 2)), new(false, HybridTimestamp.Zero, RefusalReason.Conflict)];
        Assert.All(results, result => Assert.Equal(result, RecordResult.Decode(result.Encode().Span)));
    }

    [Fact]
    public void A_command_that_names_no_record_or_says_more_is_refused()
    {
        var whole = new RecordCommand(Key, Payload.Copy([1])).Encode();
        Assert.Throws<RecordFormatException>(() => RecordCommand.Decode([]));
        Assert.Throws<RecordFormatException>(() => RecordCommand.Decode([.. whole.Span, 0x28, 1]));
        Assert.Throws<RecordFormatException>(() => RecordCommand.Decode([0x0a, 2, (byte)'x', (byte)'/']));
    }

    [Fact]
    public void Garbage_is_refused_and_nothing_else_happens()
    {
        var random = new Random(7);
        byte[][] seeds = [new LinkHello(1, "group", LinkLane.Bulk).Encode(), new RecordCommand(Key, Payload.Copy([1, 2, 3]), Expectation.Version, new(9)).Encode().Span.ToArray()];
        var refused = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = (byte[])seeds[i % seeds.Length].Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            refused += Refuses(() => LinkHello.Decode(bytes)) + Refuses(() => RecordCommand.Decode(bytes)) + Refuses(() => RecordResult.Decode(bytes));
        }

        Assert.True(refused > 50_000, $"{refused} refused");
    }

    private static int Refuses(Func<object> decode)
    {
        try
        {
            decode();
            return 0;
        }
        catch (RecordFormatException)
        {
            return 1;
        }
    }
}
