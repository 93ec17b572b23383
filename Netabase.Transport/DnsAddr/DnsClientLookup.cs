using DnsClient;
using DnsClient.Protocol;

namespace Netabase.Transport.DnsAddr;

/// <summary>TXT records from the machine's own name servers, through DnsClient, which also keeps answers for their time to live.</summary>
public sealed class DnsClientLookup : ITextLookup
{
    private const int RecordsMax = 256;

    private readonly LookupClient _client;

    /// <summary>Asks the name servers the machine is configured with; each question waits 5 seconds and is repeated once.</summary>
    public DnsClientLookup()
        : this(new LookupClientOptions { Timeout = TimeSpan.FromSeconds(5), Retries = 1, UseCache = true, ThrowDnsErrors = false })
    {
    }

    /// <summary>Asks as told.</summary>
    public DnsClientLookup(LookupClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _client = new LookupClient(options);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> FindAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var response = await _client.QueryAsync(name, QueryType.TXT, cancellationToken: cancellation).ConfigureAwait(false);
            if (response.HasError && response.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain)
                throw new TransportException(TransportError.Unreachable, $"The name servers cannot tell of {name}: {response.ErrorMessage}");
            return [.. response.Answers.OfType<TxtRecord>().Take(RecordsMax).Select(record => string.Concat(record.Text))];
        }
        catch (Exception e) when (e is DnsResponseException or System.Net.Sockets.SocketException or DnsXidMismatchException or ArgumentException)
        {
            throw new TransportException(TransportError.Unreachable, $"The name servers cannot tell of {name}.", e);
        }
    }
}
