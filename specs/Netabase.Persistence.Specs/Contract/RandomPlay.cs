using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>Random writes and questions over few keys, so that they meet.</summary>
internal sealed class RandomPlay(int seed)
{
    private static readonly string[] Words = ["", "a", "aa", "ab", "b", "\0", "a\0", "a\0b", "z", "\u00ff"];

    public Random Random { get; } = new(seed);

    public long Now { get; private set; } = 1000;

    public StoreBatch Batch()
    {
        Now += Random.Next(3);
        var writes = Enumerable.Range(0, Random.Next(1, 6)).Select(_ => Write());
        var conditions = Enumerable.Range(0, Random.Next(4) == 0 ? Random.Next(1, 3) : 0).Select(_ => Condition());
        return new StoreBatch([.. writes], [.. conditions]);
    }

    public StoreQuery Query()
    {
        int? index = Random.Next(3) switch { 0 => null, 1 => ByAuthor, _ => ByCity };
        var model = index is null ? Random.Next(2) : Message;
        var range = Random.Next(4) switch
        {
            0 => KeyRange.All,
            1 => KeyRange.Exactly(index is null ? Key() : Bytes(Word())),
            2 => KeyRange.StartingWith(Bytes(Word())),
            _ => new KeyRange(Random.Next(3) == 0 ? null : Bytes(Word()), Random.Next(2) == 0, Random.Next(3) == 0 ? null : Bytes(Word()), Random.Next(2) == 0),
        };
        return new StoreQuery(
            model, index, range, Random.Next(2) == 0 ? null : Random.Next(5), Random.Next(2) == 0 ? 0 : Random.Next(4), Random.Next(2) == 0,
            WithTombstones: index is null && Random.Next(3) == 0, Random.Next(3) == 0 ? new StoreCursor(Bytes(Word()), Key()) : null);
    }

    public StoreWrite.Put Put()
    {
        var isMessage = Random.Next(3) > 0;
        return new(
            isMessage ? Message : Counter, Key(), Bytes($"value {Random.Next(100)}"), Metadata(),
            isMessage ? [Bytes(Word()), Random.Next(3) == 0 ? null : Bytes(Word())] : []);
    }

    public Payload Key() => Bytes($"k{Word()}");

    public RecordMetadata Metadata() => At(
        Random.Next(1, 6), Random.Next(2) == 0 ? null : (byte)Random.Next(3), Random.Next(3) == 0 ? Now + Random.Next(-2, 8) : null, Random.Next(3) == 0 ? "signed" : "");

    private string Word() => Words[Random.Next(Words.Length)];

    private StoreWrite Write() => Random.Next(40) switch
    {
        0 => new StoreWrite.Clear(Random.Next(2)),
        < 8 => new StoreWrite.Remove(Random.Next(2), Key()),
        < 12 => new StoreWrite.Bury(Random.Next(2), Key(), Metadata()),
        _ => Put(),
    };

    private StoreCondition Condition() => Random.Next(2) == 0
        ? new StoreCondition.Newer(Random.Next(2), Key(), Metadata())
        : new StoreCondition.Unchanged(Random.Next(2), Key(), Random.Next(3) == 0 ? null : Metadata());
}
