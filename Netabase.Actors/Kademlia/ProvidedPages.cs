using System.Buffers;
using Netabase.Actors.Node;
using Netabase.Actors.Stores;
using Netabase.Multiformats;
using Netabase.Persistence;

namespace Netabase.Actors.Kademlia;

/// <summary>
/// The keys that this node provides, on disk: in pages of a mark each, so that one key more rewrites a page of them and not all.
/// A page is its keys one after the other, each after its length as an unsigned varint. Not thread-safe: its owner steps it.
/// </summary>
internal sealed class ProvidedPages
{
    /// <summary>Pages; a power of two. A key's last byte says which is its own.</summary>
    private const int Count = 64;

    private readonly NodeParts _parts;
    private readonly HashSet<Payload>[] _pages = new HashSet<Payload>[Count];

    /// <exception cref="StoreException">A page is damaged.</exception>
    public ProvidedPages(NodeParts parts)
    {
        _parts = parts;
        using var snapshot = parts.Store.OpenSnapshot(parts.Now());
        for (var page = 0; page < Count; page++)
        {
            _pages[page] = snapshot.ReadMark(MarkOf(page)) is { } mark ? Read(page, mark) : [];
        }
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Payload> Keys => _pages.SelectMany(keys => keys);

    /// <summary>Adds or removes a key. What is set later is written later.</summary>
    /// <param name="key">At least one byte.</param>
    /// <param name="isProvided">Whether it is provided from now on.</param>
    /// <returns>How its writing ended.</returns>
    public Task<StoreProtocol.Answer> Set(Payload key, bool isProvided)
    {
        var page = key.Span[^1] % Count;
        if (isProvided ? !_pages[page].Add(key) : !_pages[page].Remove(key))
        {
            return Task.FromResult<StoreProtocol.Answer>(new StoreProtocol.Answer.Written(default, null, []));
        }

        var batch = new StoreBatch([new StoreWrite.SetMark(MarkOf(page), Write(_pages[page]))], []);
        var write = new PendingWrite(OpId.Next(), batch, PendingWrite.SizeOf(batch), _parts.DeadlineAfter(_parts.Settings.Stores.OperationTimeout));

        // A mark is no model's: any writer that is well may write it.
        (_parts.Lanes.FirstOrDefault(lane => !lane.IsDamaged) ?? _parts.TransactionLane).Post(write);
        return write.Task;
    }

    private static string MarkOf(int page) => $"provided.{page}";

    private static Payload? Write(HashSet<Payload> keys)
    {
        if (keys.Count == 0)
        {
            return null;
        }

        var bytes = new ArrayBufferWriter<byte>();
        foreach (var key in keys)
        {
            var length = UVarint.Write(bytes.GetSpan(UVarint.MaxLength), (ulong)key.Length);
            bytes.Advance(length);
            bytes.Write(key.Span);
        }

        return new Payload(bytes.WrittenMemory);
    }

    private static HashSet<Payload> Read(int page, Payload mark)
    {
        var keys = new HashSet<Payload>();
        for (var rest = mark.Span; !rest.IsEmpty;)
        {
            if (UVarint.TryRead(rest, out var length, out var read) != UVarintStatus.Ok || length == 0 || length > (ulong)(rest.Length - read))
            {
                throw new StoreException(StoreError.Damaged, $"the mark \"{MarkOf(page)}\" is no list of provided keys");
            }

            keys.Add(Payload.Copy(rest.Slice(read, (int)length)));
            rest = rest[(read + (int)length)..];
        }

        return keys;
    }
}
