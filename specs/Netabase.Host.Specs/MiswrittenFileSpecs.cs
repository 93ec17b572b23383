using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Netabase.Host.Specs;

/// <summary>An operator's slip of the pen is said with its line, instead of starting a node with other settings than those written.</summary>
public sealed class MiswrittenFileSpecs : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("netabase {\n  kademlia { put-quorum = 3 }\n", "line 1: '{' is never closed")]
    [InlineData("netabase {\n  network.listen = [\"/ip4/0.0.0.0/tcp/0\" }\n", "line 2: there is nothing that '}' closes")]
    [InlineData("netabase { name = \"one }\n", "line 1: '\"' is never closed")]
    [InlineData("# fine so far\nnetabase { } }\n", "line 2: there is nothing that '}' closes")]
    [InlineData("\u0000\u0001 garbage }}} = [", "line 1: there is nothing that '}' closes")]
    [InlineData("netabse { kademlia.put-quorum = 3 }\n", "begins with netabse; its settings stand in netabase { } and akka { }")]
    [InlineData("\"nothing but a text\"\n", "")]
    public void A_file_that_nobody_can_have_meant_is_refused_by_name(string text, string said)
    {
        File.WriteAllText(_file, text);
        var refusal = Assert.Throws<ConfigurationException>(() => new ServiceCollection().AddNetabase(options => options.ConfigurationFile = _file));
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet: }\n// nor here: \"\n")]
    [InlineData("netabase { name = \"a \\\" } b\" } # \" [\n")]
    [InlineData("netabase.name = \"\"\"two \" lines\n}\"\"\"\nakka { loglevel = WARNING }\n")]
    public void What_stands_in_comments_and_quotes_opens_and_closes_nothing(string text)
    {
        File.WriteAllText(_file, text);
        new ServiceCollection().AddNetabase(options =>
        {
            options.ConfigurationFile = _file;
            options.Name = "named";
        });
    }
}
