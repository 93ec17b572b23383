namespace Netabase.Transport.Connections;

/// <summary>The name of a protocol in multistream-select, such as <c>/noise</c> or <c>/ipfs/ping/1.0.0</c>; at most 1,000 bytes of UTF-8 without a line feed.</summary>
public readonly record struct ProtocolId(string Name)
{
    /// <summary>The name as sent.</summary>
    public override string ToString() => Name;
}
