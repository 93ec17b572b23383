namespace Netabase.Host.Specs.GettingStarted;

[NetabaseDefinition("inventory")]
public static partial class Inventory
{
    [NetabaseModel(1)]
    public sealed partial record Item
    {
        [PrimaryKey(1)]
        public required Guid Id { get; init; }

        [SecondaryKey(2)]
        public required string Shelf { get; init; }

        [SecondaryKey(3)]
        public required int Left { get; init; }

        [Field(4)]
        public required string Name { get; init; }
    }
}
