namespace Netabase.Consensus.Specs.Groups;

/// <summary>A tally that is heavy: frozen, or in what it answers.</summary>
/// <param name="frozen">Bytes that it is frozen to, beside its sum.</param>
/// <param name="answer">Bytes of each result, beside the number.</param>
internal sealed class Ballast(int frozen, int answer) : IReplicatedState<long, long>
{
    private readonly Tally _tally = new();

    public long Sum => _tally.Sum;

    public int Applied => _tally.Applied;

    public long Apply(long command, LogMoment moment) => _tally.Apply(command, moment);

    public Payload Freeze() => Loaded(_tally.Freeze(), frozen);

    public void Restore(Payload frozen) => _tally.Restore(Unloaded(frozen));

    public Payload WriteCommand(long command) => _tally.WriteCommand(command);

    public long ReadCommand(Payload bytes) => _tally.ReadCommand(bytes);

    public Payload WriteResult(long result) => Loaded(_tally.WriteResult(result), answer);

    public long ReadResult(Payload bytes) => _tally.ReadResult(Unloaded(bytes));

    private static Payload Loaded(Payload number, int load)
    {
        var bytes = new byte[number.Length + load];
        number.Span.CopyTo(bytes);
        return new Payload(bytes);
    }

    private static Payload Unloaded(Payload bytes) => new(bytes.Memory[..8]);
}
