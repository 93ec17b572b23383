using Netabase.Transport.Connections;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>
/// One stream's two ends that write, read, hesitate, close and reset as a seed says, and hold that what arrives is what was
/// written, in order and from its beginning, whatever else happens.
/// </summary>
internal sealed class Conversation(int seed, int most, bool byListener)
{
    /// <summary>Which side opens.</summary>
    internal bool ByListener => byListener;

    /// <summary>Whether both directions went to their end.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>The opener's side; the first four bytes tell the other side the seed.</summary>
    internal async Task OpenAsync(IMuxedConnection connection, CancellationToken deadline)
    {
        var random = new Random(seed);
        try
        {
            await using var stream = await connection.OpenAsync(deadline);
            await stream.WriteAsync(BitConverter.GetBytes(seed), deadline);
            var writing = WriteAsync(stream, random.Next(most), new Random(seed + 1), seed, deadline);
            if (random.Next(10) == 0)
                stream.Reset(9);
            if (random.Next(10) == 0)
            {
                // Walks away without listening to the answer.
                await writing;
                return;
            }

            IsComplete = await ReadAsync(stream, new Random(seed + 2), ~seed, deadline);
            await writing;
        }
        catch (TransportException)
        {
            // The stream was reset or the connection cut: both are in the script.
        }
    }

    /// <summary>The acceptor's side of whatever stream it is given.</summary>
    internal static async Task AcceptAsync(IMuxedStream stream, int most, CancellationToken deadline)
    {
        try
        {
            await using (stream)
            {
                var prefix = new byte[4];
                for (var read = 0; read < 4;)
                {
                    var count = await stream.ReadAsync(prefix.AsMemory(read), deadline);
                    if (count == 0)
                        return;
                    read += count;
                }

                var seed = BitConverter.ToInt32(prefix);
                var random = new Random(seed + 3);
                var writing = WriteAsync(stream, random.Next(most), random, ~seed, deadline);
                await ReadAsync(stream, new Random(seed + 4), seed, deadline);
                await writing;
            }
        }
        catch (TransportException)
        {
            // As above.
        }
    }

    private static async Task WriteAsync(IMuxedStream stream, int total, Random random, int key, CancellationToken deadline)
    {
        try
        {
            for (var at = 0; at < total;)
            {
                var count = Math.Min(total - at, random.Next(2) == 0 ? random.Next(1, 200) : random.Next(1, 60_000));
                var bytes = new byte[count];
                for (var i = 0; i < count; i++)
                    bytes[i] = Expected(key, at + i);
                await stream.WriteAsync(bytes, deadline);
                bytes.AsSpan().Fill(0xEE);
                at += count;
                if (random.Next(4) == 0)
                    await Task.Yield();
            }

            await stream.CloseWriteAsync(deadline);
        }
        catch (Exception e) when (e is TransportException or ObjectDisposedException)
        {
            // The other end, the script or the connection ended it.
        }
    }

    private static async Task<bool> ReadAsync(IMuxedStream stream, Random random, int key, CancellationToken deadline)
    {
        var buffer = new byte[40_000];
        for (var at = 0; ;)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)), deadline);
            if (count == 0)
                return true;
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] != Expected(key, at + i))
                    Assert.Fail($"byte {at + i} of stream {stream.Id} is {buffer[i]:x2}, not {Expected(key, at + i):x2}");
            }

            at += count;
            for (var i = random.Next(8) - 5; i > 0; i--)
                await Task.Yield();
        }
    }

    private static byte Expected(int key, int at) => (byte)((at * 31) + (at >> 8) + (key * 7));
}
