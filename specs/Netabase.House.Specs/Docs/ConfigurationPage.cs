using System.Text;

namespace Netabase.House.Specs.Docs;

/// <summary><c>docs/configuration.md</c>, written from the reference files.</summary>
internal static class ConfigurationPage
{
    private const string Head = """
        # Configuration

        Every setting of a node, written from `HOCON/reference.conf` and the references of the optional packages; do not edit this page.

        **Code beats the operator's file, the file beats the reference.** In code a setting is a nullable property of `NetabaseOptions`
        (`options.PutQuorum = 3`); what stays null is decided by the file (`options.ConfigurationFile`, or `netabase node --config FILE`), and what the
        file leaves out by the defaults here. A file names only what it changes:

            netabase {
              network { listen = ["/ip4/0.0.0.0/tcp/4001"], bootstrap = ["/dns4/example.org/tcp/4001/p2p/12D3KooW..."] }
              kademlia.put-quorum = 3
            }

        A key that is not on this page is an error that names it, and so is a value that cannot be used. A time is a number with `ms`, `s`, `m`, `h` or
        `d`. Files to begin from lie in [HOCON](../HOCON): one node alone, in memory, a busy server, a local network, a bootstrap server, a client.

        """;

    public static string Write(IEnumerable<string> references)
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var (section, about, keys) in references.SelectMany(ReferenceFile.Read))
        {
            page.Append('\n').Append("## ").Append(section).Append("\n\n");
            if (about.Length > 0)
            {
                page.Append(about).Append("\n\n");
            }

            page.Append("| key | default | unit | |\n|---|---|---|---|\n");
            foreach (var key in keys)
            {
                page.Append("| `").Append(key.Name).Append("` | `").Append(Cell(key.Default)).Append("` | ")
                    .Append(key.Unit).Append(" | ").Append(Cell(key.Sentence).Replace("<", "&lt;", StringComparison.Ordinal)).Append(" |\n");
            }
        }

        return page.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
