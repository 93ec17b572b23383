namespace Netabase.Data.Benchmarks.Face;

/// <summary>A record of 1 KiB under a random key.</summary>
[NetabaseDefinition("bench")]
public static partial class Sample
{
    [NetabaseModel(1)]
    public sealed partial record Row
    {
        [PrimaryKey(1)]
        public required Guid Id { get; init; }

        [Field(2)]
        public required byte[] Body { get; init; }
    }
}
