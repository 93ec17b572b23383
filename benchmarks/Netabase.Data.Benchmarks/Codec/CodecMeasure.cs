using System.Buffers;
using System.Globalization;
using Google.Protobuf;
using MemoryPack;
using MessagePack;

namespace Netabase.Data.Benchmarks.Codec;

/// <summary>Encode and decode against MemoryPack (goal: at most 1.0x its time), with MessagePack and Google.Protobuf beside.</summary>
internal static class CodecMeasure
{
    public static Task RunAsync(bool isQuick)
    {
        // Many short turns: on a busy machine most of them are still undisturbed, and the median is one of those.
        foreach (var values in new[] { "small", "large" })
        {
            Print(values, Compare(Sample(values == "large"), isQuick ? 101 : 1001, 2_000));
        }

        return Task.CompletedTask;
    }

    private static Readings.Reading Sample(bool isLarge)
    {
        var random = new Random(1);
        var blob = new byte[1024];
        random.NextBytes(blob);
        return new Readings.Reading
        {
            Name = "sensor/hall-7/temperature",
            Sequence = isLarge ? long.MaxValue / 3 : 123_456,
            Id = new Guid("6f9619ff-8b86-d011-b42d-00c04fc964ff"),
            TakenAt = new DateTimeOffset(2026, 3, 4, 5, 6, 7, 89, TimeSpan.FromHours(2)),
            Labels = ["indoor", "calibrated", "building-b", "floor 3"],
            Counters = [.. Enumerable.Range(0, 8).Select(i => isLarge ? random.NextInt64() : random.NextInt64(100_000))],
            Blob = blob,
        };
    }

    private static (string Name, double Encode, double Decode, int Bytes)[] Compare(Readings.Reading ours, int rounds, int operations)
    {
        var memoryPack = new MemoryPackReading
        {
            Name = ours.Name,
            Sequence = ours.Sequence,
            Id = ours.Id,
            TakenAt = ours.TakenAt,
            Labels = ours.Labels,
            Counters = ours.Counters,
            Blob = ours.Blob,
        };
        var messagePack = new MessagePackReading
        {
            Name = ours.Name,
            Sequence = ours.Sequence,
            Id = ours.Id,
            TakenAt = ours.TakenAt,
            Labels = ours.Labels,
            Counters = ours.Counters,
            Blob = ours.Blob,
        };
        var google = ToGoogle(ours);
        var oursBytes = ModelCodec.Encode(ours).Span.ToArray();
        var memoryPackBytes = MemoryPackSerializer.Serialize(memoryPack);
        var messagePackBytes = MessagePackSerializer.Serialize(messagePack);
        var googleBytes = google.ToByteArray();
        if (!googleBytes.AsSpan().SequenceEqual(oursBytes))
        {
            throw new InvalidOperationException("Google.Protobuf writes other bytes for the same record.");
        }

        var output = new ArrayBufferWriter<byte>(4096);
        var times = Rounds.Median(
            [
                Repeat(() => ModelCodec.Encode(ours)),
                Repeat(() => MemoryPackSerializer.Serialize(memoryPack)),
                Repeat(() => MessagePackSerializer.Serialize(messagePack)),
                Repeat(() => google.ToByteArray()),
                Repeat(() =>
                {
                    output.ResetWrittenCount();
                    Readings.Reading.Encode(ours, output);
                    return output;
                }),
                Repeat(() => Readings.Reading.Decode(oursBytes)),
                Repeat(() => MemoryPackSerializer.Deserialize<MemoryPackReading>(memoryPackBytes)),
                Repeat(() => MessagePackSerializer.Deserialize<MessagePackReading>(messagePackBytes)),
                Repeat(() => FromGoogle(Google.Reading.Parser.ParseFrom(googleBytes))),
            ],
            rounds,
            operations);
        return
        [
            ("Netabase", times[0], times[5], oursBytes.Length),
            ("MemoryPack 1.21.4", times[1], times[6], memoryPackBytes.Length),
            ("MessagePack 2.5.307", times[2], times[7], messagePackBytes.Length),
            ("Google.Protobuf 3.36.2, mapped", times[3], times[8], googleBytes.Length),
            ("Netabase into a buffer writer", times[4], times[5], oursBytes.Length),
        ];
    }

    private static void Print(string values, (string Name, double Encode, double Decode, int Bytes)[] rows)
    {
        Console.WriteLine($"\n| codec, {values} numbers | encode ns | decode ns | both | of MemoryPack | bytes |\n|---|---|---|---|---|---|");
        var yardstick = rows[1].Encode + rows[1].Decode;
        foreach (var (name, encode, decode, bytes) in rows)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {encode:F0} | {decode:F0} | {encode + decode:F0} | {(encode + decode) / yardstick:F2}x | {bytes} |"));
        }
    }

    /// <summary>The result is kept where the compiler cannot see that nobody wants it.</summary>
    private static Action<int> Repeat<T>(Func<T> operation) => count =>
    {
        for (var i = 0; i < count; i++)
        {
            Sink<T>.Last = operation();
        }
    };

    private static Google.Reading ToGoogle(Readings.Reading reading)
    {
        var google = new Google.Reading
        {
            Name = reading.Name,
            Sequence = reading.Sequence,
            Id = ByteString.CopyFrom(reading.Id.ToByteArray(bigEndian: true)),
            TakenAt = new Google.Moment
            {
                UnixTicks = reading.TakenAt.UtcTicks - DateTime.UnixEpoch.Ticks,
                OffsetMinutes = reading.TakenAt.TotalOffsetMinutes,
            },
            Blob = ByteString.CopyFrom(reading.Blob),
        };
        google.Labels.Add(reading.Labels);
        google.Counters.Add(reading.Counters);
        return google;
    }

    private static Readings.Reading FromGoogle(Google.Reading google) => new()
    {
        Name = google.Name,
        Sequence = google.Sequence,
        Id = new Guid(google.Id.Span, bigEndian: true),
        TakenAt = new DateTimeOffset(google.TakenAt.UnixTicks + DateTime.UnixEpoch.Ticks, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(google.TakenAt.OffsetMinutes)),
        Labels = [.. google.Labels],
        Counters = [.. google.Counters],
        Blob = google.Blob.ToByteArray(),
    };

    private static class Sink<T>
    {
        public static T? Last;
    }
}
