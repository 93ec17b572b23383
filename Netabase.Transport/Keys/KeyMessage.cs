using Netabase.Multiformats;

namespace Netabase.Transport.Keys;

/// <summary>
/// The messages <c>PublicKey</c> and <c>PrivateKey</c>: field 1 is the type, field 2 the data. Written and read by hand,
/// because a peer id is the hash of these very bytes: both fields present (RSA's type 0 too), in order, minimal, none unknown.
/// </summary>
internal static class KeyMessage
{
    private const byte TypeTag = 0x08;
    private const byte DataTag = 0x12;

    public static byte[] Encode(KeyType type, ReadOnlySpan<byte> data)
    {
        var message = new byte[3 + UVarint.LengthOf((ulong)data.Length) + data.Length];
        message[0] = TypeTag;
        message[1] = (byte)type;
        message[2] = DataTag;
        var at = 3 + UVarint.Write(message.AsSpan(3), (ulong)data.Length);
        data.CopyTo(message.AsSpan(at));
        return message;
    }

    public static void Decode(ReadOnlySpan<byte> message, out KeyType type, out ReadOnlySpan<byte> data)
    {
        if (message.Length > KeyMaterial.MaxLength) throw KeyMaterial.Malformed($"more than {KeyMaterial.MaxLength} bytes");
        if (message is not [TypeTag, var number, DataTag, ..]) throw KeyMaterial.Malformed("its message does not consist of type and data");
        type = (KeyType)number;
        if (type is < KeyType.Rsa or > KeyType.Ecdsa) throw KeyMaterial.Unknown(type);
        if (UVarint.TryRead(message[3..], out var length, out var consumed) != UVarintStatus.Ok || length != (ulong)(message.Length - 3 - consumed))
            throw KeyMaterial.Malformed("the length in its message is not that of the data");
        data = message[(3 + consumed)..];
    }
}
