namespace Netabase.Multiformats;

/// <summary>Text or bytes that are not what they should be: varint, multibase, multihash, peer id or multiaddr. The message says what was wrong.</summary>
public sealed class MultiformatException : FormatException
{
    /// <summary>A failure with a sentence that names what was wrong.</summary>
    public MultiformatException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with a sentence that names what was wrong, and what caused it.</summary>
    public MultiformatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
