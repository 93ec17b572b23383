using System.Collections.Concurrent;

namespace Netabase.Actors.Node;

/// <summary>
/// The transactions that have begun and not ended. Each holds a state of the store, which can let go of nothing newer
/// meanwhile; one that its program has forgotten would hold it for ever, so that their age is bounded.
/// </summary>
internal sealed class OpenTransactions(TimeProvider time, TimeSpan ageMax)
{
    private readonly ConcurrentDictionary<LocalTransaction, long> _begun = [];

    public void Add(LocalTransaction transaction) => _begun[transaction] = time.GetTimestamp();

    public void Remove(LocalTransaction transaction) => _begun.TryRemove(transaction, out _);

    /// <summary>Closes those that are too old; one that reads just now, at the next look.</summary>
    public void CloseOld()
    {
        foreach (var (transaction, begun) in _begun)
        {
            if (time.GetElapsedTime(begun) > ageMax)
            {
                transaction.TryClose(
                    RefusalReason.TransactionTooOld, $"The transaction was open for longer than {ageMax} and was closed; nothing of it was written.");
            }
        }
    }

    /// <summary>Closes all, since their store is about to be closed.</summary>
    public void CloseAll(RefusalReason reason, string detail)
    {
        foreach (var (transaction, _) in _begun)
        {
            transaction.TryClose(reason, detail);
        }
    }
}
