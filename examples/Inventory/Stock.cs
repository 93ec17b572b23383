namespace Netabase.Examples.Inventory;

[NetabaseDefinition("stock")]
public static partial class Stock
{
    [NetabaseModel(1)]
    public sealed partial record Item
    {
        [PrimaryKey(1)]
        public required string Name { get; init; }

        [Field(2)]
        public required int Left { get; init; }
    }
}
