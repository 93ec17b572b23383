using System.Runtime.CompilerServices;
using Akka;
using Akka.Streams.Dsl;

namespace Netabase.Actors.Events;

/// <summary>A node's events as a stream of Akka.Streams.</summary>
public static class BroadcastSource
{
    /// <summary>
    /// Every materialization is a subscriber of its own, from its first demand until it is cancelled. Where the stream
    /// demands too little, events wait in the subscription and the oldest are lost and told as <see cref="Lagged"/>.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="capacity">Events kept for each materialization; null for the configured number.</param>
    public static Source<NetabaseEvent, NotUsed> ToSource(this INetabase node, int? capacity = null)
    {
        ArgumentNullException.ThrowIfNull(node);
        return Source.From(() => ReadAsync(node, capacity));
    }

    private static async IAsyncEnumerable<NetabaseEvent> ReadAsync(
        INetabase node, int? capacity, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var subscription = node.SubscribeToBroadcasts(capacity);
        await foreach (var happened in subscription.WithCancellation(cancellation).ConfigureAwait(false))
        {
            yield return happened;
        }
    }
}
