using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>Waits for the event itself, with a deadline that a slow machine does not reach and a hung spec does.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public static Task Soon(this Task task) => task.WaitAsync(Limit);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task Soon(this ValueTask task) => task.AsTask().WaitAsync(Limit);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Limit);

    /// <summary>Reads on until an event of that kind comes, and gives it.</summary>
    public static async Task<T> NextAsync<T>(this NetworkSubscription events, Func<T, bool>? matches = null)
        where T : NetworkEvent
    {
        using var deadline = new CancellationTokenSource(Limit);
        while (true)
        {
            var happened = await events.ReadAsync(deadline.Token)
                ?? throw new InvalidOperationException($"The events ended before a {typeof(T).Name}.");
            if (happened is T wanted && (matches is null || matches(wanted)))
            {
                return wanted;
            }
        }
    }

    public static async Task<TransportException> FailsAsync(this Task task, TransportError expected)
    {
        var failure = await Assert.ThrowsAnyAsync<TransportException>(() => task.WaitAsync(Limit));
        Assert.Equal(expected, failure.Error);
        return failure;
    }

    public static Task<TransportException> FailsAsync<T>(this ValueTask<T> task, TransportError expected) => FailsAsync(task.AsTask(), expected);

    public static Task<TransportException> FailsAsync(this ValueTask task, TransportError expected) => FailsAsync(task.AsTask(), expected);
}
