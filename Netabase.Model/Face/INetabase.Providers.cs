using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase;

/// <content>Who holds what: announcements that point to a record instead of carrying it.</content>
public partial interface INetabase
{
    /// <summary>Announces to the peers closest to a key that this node provides its record, and again until it stops.</summary>
    ValueTask<ProvideResult> StartProvidingAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Announces it no longer; announcements that others hold live until they expire.</summary>
    /// <returns>Whether it was provided.</returns>
    ValueTask<bool> StopProvidingAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Finds who provides a record; everybody found on the way counts.</summary>
    ValueTask<ProvidersResult> GetProvidersAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;
}

/// <summary>What became of an announcement.</summary>
public abstract record ProvideResult
{
    private ProvideResult()
    {
    }

    /// <summary>So many peers hold it.</summary>
    public sealed record Announced(int Peers) : ProvideResult;

    /// <summary>This node provides it and will announce it again, but of the peers wanted only so many hold it.</summary>
    public sealed record TooFew(int Peers, int Wanted) : ProvideResult;

    /// <summary>Not tried, such as when too many keys are provided already.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : ProvideResult;

    /// <summary>Too much is waiting already; try again later.</summary>
    public sealed record Busy : ProvideResult;
}

/// <summary>Who provides a record.</summary>
/// <param name="Providers">Each once, in the order found.</param>
/// <param name="PeersAsked">How many peers answered.</param>
/// <param name="IsComplete">False when the deadline ended the search.</param>
public sealed record ProvidersResult(ImmutableArray<PeerId> Providers, int PeersAsked, bool IsComplete);
