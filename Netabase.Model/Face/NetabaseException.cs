namespace Netabase;

/// <summary>A read that has no result type of its own could not be answered, or the node could not be started.</summary>
public sealed class NetabaseException : Exception
{
    /// <summary>A refusal and a sentence that says what to do about it.</summary>
    public NetabaseException(RefusalReason reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>Why.</summary>
    public RefusalReason Reason { get; }
}
