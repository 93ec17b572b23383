using Netabase.Actors.Settings;
using Netabase.Persistence;
using Netabase.Transport;
using Netabase.Transport.Keys;

namespace Netabase.Host;

/// <summary>What a node that does not start has to say to whoever started it.</summary>
/// <param name="IsUsage">Whether what was asked for is wrong, and not the world.</param>
/// <param name="Sentence">What is the matter, and where it can be seen what to do about it.</param>
internal sealed record StartFailure(bool IsUsage, string Sentence)
{
    /// <summary>Null for a failure that nobody expected: it deserves its stack trace.</summary>
    public static StartFailure? Of(Exception failure) => failure switch
    {
        SettingsException setting => new(true, setting.Message),
        FileNotFoundException missing => new(true, missing.Message),
        Akka.Configuration.ConfigurationException malformed => new(true, $"The configuration cannot be read: {malformed.Message}"),
        StoreException { Error: StoreError.Locked } held => new(false, $"{Capital(held.Message)}. Stop that one, or take another folder with --data."),
        StoreException store => new(false, $"{Capital(store.Message)}."),
        IdentityFileException identity => new(false, identity.Message),
        NetabaseException refused => new(false, refused.Message),
        TransportException network => new(false, network.Message),
        IOException disk => new(false, disk.Message),
        UnauthorizedAccessException rights => new(false, rights.Message),
        AggregateException { InnerException: { } inner } => Of(inner),
        _ => null,
    };

    private static string Capital(string sentence) => sentence.Length > 0 ? char.ToUpperInvariant(sentence[0]) + sentence[1..].TrimEnd('.') : sentence;
}
