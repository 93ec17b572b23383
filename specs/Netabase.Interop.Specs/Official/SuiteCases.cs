namespace Netabase.Interop.Official;

/// <summary>The cases of <c>@libp2p/interop</c> 14 by name: those that must pass, and those that wait for a later issue.</summary>
public static class SuiteCases
{
    private static readonly string[] Keys = ["ed25519", "rsa", "secp256k1"];
    private static readonly string[] Securities = ["noise", "tls", "plaintext"];
    private static readonly string[] Sides = ["js", "go"];

    /// <summary>
    /// Every TCP case of connect and echo, and every case of the DHT, in which "go" (our daemon) takes part. The suite names a muxer in each title and
    /// hands it to nobody: both run over Yamux.
    /// </summary>
    public static TheoryData<string> MustPass =>
    [
        "connection.tcp js peer to go peer over tcp",
        "connection.tcp go peer to js peer over tcp",
        .. from key in Keys
           from pair in Pairs(goBoth: false)
           from security in Securities
           from muxer in (string[])["mplex", "yamux"]
           select $"{key}/{security}/{muxer} echo {pair.From} sender to {pair.To} listener",
        .. from pair in Pairs(goBoth: true)
           from part in (string[])["contentFetching", "peerRouting"]
           select $"dht.{part} {pair.From} peer to {pair.To} peer",
        .. from pair in Pairs(goBoth: false)
           select $"dht.contentRouting {pair.From} peer to {pair.To} peer",
    ];

    /// <summary>What the suite has beyond that, each with the reason why it does not run.</summary>
    public static TheoryData<string, string> NotYet
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in Others())
            {
                cases.Add(name.Name, name.Reason);
            }

            return cases;
        }
    }

    private static IEnumerable<(string Name, string Reason)> Others()
    {
        const string NoTransport = "no such transport here";
        foreach (var (from, to) in Pairs(goBoth: false))
        {
            yield return ($"connection.webtransport {from} peer to {to} peer over webtransport", NoTransport);
            yield return ($"connection.webrtc-direct {from} peer to {to} peer over webrtc-direct", NoTransport);
        }

        foreach (var from in Sides)
        {
            foreach (var to in Sides)
            {
                foreach (var relay in Sides)
                {
                    yield return ($"{from} to {to} over relay {relay} connects", "circuit relay is not built yet");
                    yield return ($"{from} to {to} over relay {relay} fails to connect without a reservation", "circuit relay is not built yet");
                }
            }
        }

        foreach (var (from, to) in Pairs(goBoth: true))
        {
            foreach (var router in (string[])["floodSub", "gossipsub", "hybrid"])
            {
                yield return ($"pubsub.{router} {from} peer to {to} peer", "pubsub is not built yet");
            }
        }
    }

    /// <summary>js against js says nothing about us and is left out.</summary>
    private static IEnumerable<(string From, string To)> Pairs(bool goBoth)
    {
        yield return ("js", "go");
        yield return ("go", "js");
        if (goBoth)
        {
            yield return ("go", "go");
        }
    }
}
