namespace Netabase.Actors.Paxos.Links;

/// <summary>The bounds of a pair's streams.</summary>
/// <param name="FrameMax">The most bytes of one message.</param>
/// <param name="QueueBytesMax">The most bytes that wait for one member; what comes on top is lost, as on a bad line.</param>
/// <param name="WriteTimeout">How long a member may take nothing until its stream is given up.</param>
/// <param name="HelloTimeout">How long the first frame may take.</param>
/// <param name="RetryMin">The first wait after a stream broke or could not be opened.</param>
/// <param name="RetryMax">The longest.</param>
internal sealed record LinkSettings(
    int FrameMax, int QueueBytesMax, TimeSpan WriteTimeout, TimeSpan HelloTimeout, TimeSpan RetryMin, TimeSpan RetryMax);
