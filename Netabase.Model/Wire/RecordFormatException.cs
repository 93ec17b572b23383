namespace Netabase;

/// <summary>Bytes that should be a record, a key or a message of ours are not; says where and what was wrong.</summary>
public sealed class RecordFormatException : FormatException
{
    /// <summary>A sentence that names what was wrong.</summary>
    public RecordFormatException(string message)
        : base(message)
    {
    }
}
