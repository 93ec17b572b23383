namespace Netabase.Specs.Models;

/// <summary>Keys made of several fields.</summary>
[NetabaseDefinition("keys")]
public static partial class Keys
{
    [NetabaseValue]
    public sealed partial record Composite
    {
        [Field(1)]
        public required string Name { get; init; }

        [Field(2)]
        public required byte[] Data { get; init; }

        [Field(3)]
        public int? Number { get; init; }

        [Field(4)]
        public string? Note { get; init; }
    }

    [NetabaseModel(1)]
    public sealed partial record ByComposite
    {
        [PrimaryKey(1)]
        public required Composite Id { get; init; }
    }

    /// <summary>A positional record is a model too.</summary>
    [NetabaseModel(2)]
    public partial record Positional([property: PrimaryKey(1)] int Id, [property: SecondaryKey(2)] string @class)
    {
        [Field(3)]
        public string? Rest { get; set; }

        /// <summary>Not part of the record.</summary>
        [NotStored]
        public int Cache { get; set; }
    }
}
