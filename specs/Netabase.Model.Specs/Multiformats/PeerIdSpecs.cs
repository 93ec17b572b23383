using Netabase.Multiformats;

namespace Netabase.Model.Specs.Multiformats;

/// <summary>libp2p/specs peer-ids/peer-ids.md.</summary>
public sealed class PeerIdSpecs
{
    /// <summary>The same id in both text forms (peer-ids.md).</summary>
    private const string Base58 = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
    private const string Cid = "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe";

    [Fact]
    public void Both_text_forms_are_the_same_peer()
    {
        Assert.Equal(PeerId.Parse(Base58), PeerId.Parse(Cid));
        Assert.Equal(PeerId.Parse(Base58).GetHashCode(), PeerId.Parse(Cid).GetHashCode());
        Assert.Equal(Base58, PeerId.Parse(Cid).ToString());
        Assert.Equal(Cid, PeerId.Parse(Base58).ToCid());
    }

    [Theory]
    [InlineData("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", 38)]
    [InlineData("16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY", 39)]
    [InlineData("QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk", 34)]
    public void Every_kind_of_peer_id_survives_text_and_bytes(string text, int length)
    {
        var id = PeerId.Parse(text);
        Assert.Equal(length, id.Multihash.Length);
        Assert.Equal(text, id.ToString());
        Assert.Equal(id, PeerId.FromBytes(id.Multihash.Span));
        Assert.Equal(id, PeerId.Parse(id.ToCid(MultibaseEncoding.Base58Btc)));
        Assert.Equal(id, PeerId.Parse(id.ToCid(MultibaseEncoding.Base64Url)));
        if (!id.InlineKey.IsEmpty) Assert.Equal(id, PeerId.FromPublicKey(id.InlineKey.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Qm")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N1")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx50")]
    [InlineData("bafybeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe")]
    [InlineData("Bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe")]
    [InlineData("1111111111111111111111111111111111111")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(PeerId.TryParse(text, out _));
        Assert.Throws<MultiformatException>(() => PeerId.Parse(text));
    }
}
