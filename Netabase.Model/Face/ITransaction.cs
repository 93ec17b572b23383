using System.Collections.Immutable;

namespace Netabase;

/// <summary>
/// Several reads and writes as one: it reads the snapshot of its beginning with its own writes laid over it, and commits all
/// of them or none. A commit is refused with <see cref="RefusalReason.Conflict"/> when a record that it read by key or
/// writes was changed by another since the beginning (first committer wins). Not thread-safe.
/// </summary>
/// <remarks>After the commit, and after it is disposed, every member but disposal throws <see cref="InvalidOperationException"/>.</remarks>
public interface ITransaction : IAsyncDisposable
{
    /// <summary>The record with that key, or null.</summary>
    ValueTask<TModel?> GetAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>The records that answer a query.</summary>
    ValueTask<ImmutableArray<TModel>> QueryAsync<TModel>(ModelQuery<TModel> query, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record when the transaction commits.</summary>
    void Put<TModel>(TModel model)
        where TModel : class, IModel<TModel>;

    /// <summary>Removes a record when the transaction commits.</summary>
    void Remove<TModel>(IRecordKey<TModel> key)
        where TModel : class, IModel<TModel>;

    /// <summary>Makes it all durable at once, and ends the transaction.</summary>
    ValueTask<CommitResult> CommitAsync(CancellationToken cancellation = default);
}

/// <summary>What became of a transaction.</summary>
public abstract record CommitResult
{
    private CommitResult()
    {
    }

    /// <summary>All of it is on disk.</summary>
    public sealed record Committed : CommitResult;

    /// <summary>None of it is.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : CommitResult;

    /// <summary>None of it is: too much is waiting already; try again later.</summary>
    public sealed record Busy : CommitResult;

    /// <summary>No answer within the deadline: all of it or none of it is.</summary>
    public sealed record TimedOut : CommitResult;
}
