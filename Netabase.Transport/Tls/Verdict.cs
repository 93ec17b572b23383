using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Netabase.Multiformats;
using Netabase.Transport.Keys;
using PublicKey = Netabase.Transport.Keys.PublicKey;

namespace Netabase.Transport.Tls;

/// <summary>
/// Judges the certificate of one connection's other end, and keeps the reason: the platform's callback can only say yes or no.
/// </summary>
internal sealed class Verdict(PeerId? expected, TimeProvider time, ICryptography cryptography)
{
    /// <summary>The host key, once the certificate was found good.</summary>
    public PublicKey? Key { get; private set; }

    /// <summary>Why it was not.</summary>
    public TransportException? Refusal { get; private set; }

    /// <summary>The platform's callback; what the platform itself thinks of the certificate does not count.</summary>
    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        try
        {
            if (certificate is null) throw new TransportException(TransportError.InvalidData, "TLS: the other end showed no certificate.");
            var der = certificate.GetRawCertData();
            if (chain is not null && chain.ChainPolicy.ExtraStore.Any(other => !other.RawDataMemory.Span.SequenceEqual(der)))
                throw new TransportException(TransportError.InvalidData, "TLS: the other end showed more than one certificate.");

            var key = PeerCertificate.Verify(der, time.GetUtcNow(), cryptography);
            if (expected is { } peer && peer != key.PeerId)
                throw new TransportException(TransportError.IdentityMismatch, $"Expected {peer}, but {key.PeerId} answered.");
            Key = key;
            return true;
        }
        catch (TransportException e)
        {
            Refusal = e;
            return false;
        }
    }
}
