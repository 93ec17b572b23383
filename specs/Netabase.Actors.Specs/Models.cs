namespace Netabase.Actors.Specs;

/// <summary>The models these specs speak of: notes and the pages that hold them.</summary>
[NetabaseDefinition("notes")]
public static partial class Notes
{
    [NetabaseModel(1)]
    public sealed partial record Note
    {
        [PrimaryKey(1)]
        public required int Id { get; init; }

        [SecondaryKey(2)]
        public required string Author { get; init; }

        [Field(3)]
        public string Text { get; init; } = string.Empty;
    }

    [NetabaseModel(2)]
    public sealed partial record Page
    {
        [PrimaryKey(1)]
        public required string Title { get; init; }

        [Field(2)]
        public int Notes { get; init; }
    }
}

/// <summary>A second definition of the same node.</summary>
[NetabaseDefinition("shop")]
public static partial class Shop
{
    [NetabaseModel(1)]
    public sealed partial record Item
    {
        [PrimaryKey(1)]
        public required string Sku { get; init; }

        [Field(2)]
        public int Stock { get; init; }
    }
}

/// <summary>Records that belong to who published them.</summary>
[NetabaseDefinition("cards")]
public static partial class Cards
{
    [NetabaseModel(1, Ownership = RecordOwnership.Publisher)]
    public sealed partial record Card
    {
        [PrimaryKey(1)]
        public required string Title { get; init; }

        [Field(2)]
        public string Text { get; init; } = string.Empty;
    }
}
