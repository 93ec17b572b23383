using System.Collections;
using System.Reflection;
using Netabase.Actors.Paxos.Wire;
using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Wire;

/// <summary>Messages as bytes.</summary>
public sealed class MessageSpecs
{
    private const int BytesMax = 1 << 20;

    [Fact]
    public void Every_message_comes_back_as_it_was()
    {
        foreach (var message in Messages.All())
        {
            var back = Read(Write(message));
            Assert.Equal((new ConfigId(3), Messages.Left, Messages.Right), (back.Config, back.From, back.To));
            Assert.Equal(Describe(message), Describe(back.Message));
        }
    }

    [Fact]
    public void No_message_is_forgotten()
    {
        var all = typeof(PaxosMessage).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(PaxosMessage))).Select(type => type.Name).Order();
        Assert.Equal(all, Messages.All().Select(message => message.GetType().Name).Distinct().Order());
        Assert.Equal(all, Enum.GetNames<MessageKind>().Order());
    }

    [Fact]
    public void A_message_has_one_form_whoever_writes_it()
    {
        foreach (var message in Messages.All())
        {
            Assert.Equal(Convert.ToHexString(Write(message)), Convert.ToHexString(Write(Read(Write(message)).Message)));
        }

        Assert.Equal(
            "0803" + "1210fffffffffffffffffffffffffffffffa" + "1a1000000000000000000000000000000007" + "6a02" + "0803",
            Convert.ToHexStringLower(Write(new PaxosMessage.Fetch(new Slot(3)))));
    }

    /// <summary>The last slot of all is said where it means "no more" and "nobody leads here", and nowhere else.</summary>
    [Fact]
    public void Slots_and_ballots_beyond_what_a_log_comes_to_are_refused()
    {
        foreach (var number in (ulong[])[(1UL << 53) - 1, 1UL << 53, 1UL << 63, ulong.MaxValue])
        {
            var isRefused = number >= 1UL << 53;
            var (slot, ballot) = (new Slot(number), new Ballot(number, Messages.Right));
            PaxosMessage[] messages =
            [
                new PaxosMessage.Prepare(Messages.Ballot, slot, Ballot.None, Payload.Empty),
                new PaxosMessage.Prepare(ballot, new Slot(1), Ballot.None, Payload.Empty),
                new PaxosMessage.Promise(Messages.Ballot, new Slot(1), slot, [], Slot.Last, Payload.Empty),
                new PaxosMessage.Promise(Messages.Ballot, new Slot(1), Slot.None, [new Vote(slot, Messages.Ballot, Messages.Small)], Slot.Last, Payload.Empty),
                new PaxosMessage.Promise(Messages.Ballot, new Slot(1), Slot.None, [new Vote(new Slot(1), ballot, Messages.Small)], Slot.Last, Payload.Empty),
                new PaxosMessage.Accepted(Messages.Ballot, slot, 1, 1, Slot.None, Payload.Empty),
                new PaxosMessage.Nack(Messages.Ballot, NackReason.Supplanted, ballot, Slot.None, Slot.None, 0, Payload.Empty),
                new PaxosMessage.Caught(slot),
                new PaxosMessage.HeartbeatAnswer(1, 1, Ballot.None, ballot, true, default),
                new PaxosMessage.SnapshotOffer(new SnapshotInfo(Messages.Small.Digest, slot, 1)),
            ];
            foreach (var message in messages)
            {
                var bytes = Write(message);
                Assert.Equal(isRefused, Record.Exception(() => Read(bytes)) is RecordFormatException);
            }

            var isRefusedAtLast = isRefused && number != ulong.MaxValue;
            var promise = Write(new PaxosMessage.Promise(Messages.Ballot, new Slot(1), Slot.None, [], slot, Payload.Empty));
            var answer = Write(new PaxosMessage.ReadIndexAnswer(1, slot));
            Assert.Equal(isRefusedAtLast, Record.Exception(() => Read(promise)) is RecordFormatException);
            Assert.Equal(isRefusedAtLast, Record.Exception(() => Read(answer)) is RecordFormatException);
        }
    }

    [Fact]
    public void A_large_batch_is_packed_where_that_pays_and_only_there()
    {
        var packed = Write(new PaxosMessage.Commit(new Slot(1), [Messages.Large], Slot.None, Slot.None)).Length;
        Assert.True(packed < Messages.Large.Bytes.Length / 2, $"{packed} of {Messages.Large.Bytes.Length}");
        var noise = new byte[8192];
        new Random(1).NextBytes(noise);
        var random = Batch.Of([new Command(new CommandId(new ClientId(1), 1), 1, Payload.Copy(noise))], 1);
        Assert.True(Write(new PaxosMessage.Commit(new Slot(1), [random], Slot.None, Slot.None)).Length > random.Bytes.Length);
    }

    [Fact]
    public void A_batch_that_would_be_unpacked_beyond_the_bound_is_refused_before_it_is()
    {
        var bomb = Batch.Of([new Command(new CommandId(new ClientId(1), 1), 1, Payload.Copy(new byte[4 << 20]))], 1);
        var bytes = Write(new PaxosMessage.Commit(new Slot(1), [bomb], Slot.None, Slot.None), new BatchPacking(16 << 20));
        Assert.True(bytes.Length < 100_000);
        Assert.Throws<RecordFormatException>(() => Read(bytes));
    }

    [Fact]
    public void Cut_off_or_prolonged_messages_are_refused()
    {
        foreach (var message in Messages.All())
        {
            var whole = Write(message);
            for (var length = 0; length < whole.Length; length++)
            {
                var cut = whole[..length];
                Assert.Throws<RecordFormatException>(() => Read(cut));
            }

            Assert.Throws<RecordFormatException>(() => Read([.. whole, 0x08, 0x01]));
        }
    }

    [Fact]
    public void Garbage_is_refused_or_is_a_message_and_nothing_else_happens()
    {
        var seed = Environment.GetEnvironmentVariable("NETABASE_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : 11;
        var rounds = Environment.GetEnvironmentVariable("NETABASE_LONG") is null ? 100_000 : 5_000_000;
        var random = new Random(seed);
        var seeds = Messages.All().Select(message => Write(message)).ToArray();
        var refused = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = (byte[])seeds[random.Next(seeds.Length)].Clone();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Read(bytes);
            }
            catch (RecordFormatException)
            {
                refused++;
            }
            catch (Exception other)
            {
                Assert.Fail($"seed {seed}, round {round}: {other}");
            }
        }

        Assert.True(refused > rounds / 4, $"{refused} refused");
    }

    private static byte[] Write(PaxosMessage message, BatchPacking? packing = null)
    {
        var writer = new WireWriter(stackalloc byte[256]);
        MessageWriter.Write(ref writer, new Envelope(Messages.Group, new ConfigId(3), Messages.Left, Messages.Right, message), packing ?? new BatchPacking(BytesMax));
        var bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }

    private static Envelope Read(byte[] bytes) => MessageReader.Read(bytes, Messages.Group, new BatchPacking(BytesMax));

    /// <summary>Records compare their arrays by reference; their descriptions do not.</summary>
    private static string Describe(object? value) => value switch
    {
        null => "null",
        string or Batch => value.ToString()!,
        IEnumerable items when value is not Payload => $"[{string.Join(", ", items.Cast<object>().Select(Describe))}]",
        _ when value.GetType().IsPrimitive || value.GetType().IsEnum || value is Payload or UInt128 => value.ToString()!,
        _ => value.GetType().Name + "{" + string.Join(
            ", ",
            value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.GetIndexParameters().Length == 0 && property.PropertyType != value.GetType())
                .Select(property => $"{property.Name}={Describe(property.GetValue(value))}")) + "}",
    };
}
