namespace Netabase;

/// <summary>The rule for a definition's wire name: 1 to 64 of <c>a-z 0-9 . - _</c>, a letter first.</summary>
public static class DefinitionName
{
    /// <summary>The most characters.</summary>
    public const int LengthMax = 64;

    /// <summary>Whether these ASCII bytes are a name.</summary>
    public static bool IsValid(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > LengthMax || name[0] is < (byte)'a' or > (byte)'z')
        {
            return false;
        }

        foreach (var c in name)
        {
            if (c is not ((>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'-' or (byte)'_'))
            {
                return false;
            }
        }

        return true;
    }
}
