namespace Netabase.Examples.Notes;

[NetabaseDefinition("notebook")]
public static partial class Notebook
{
    [NetabaseModel(1)]
    public sealed partial record Note
    {
        [PrimaryKey(1)]
        public required int Id { get; init; }

        [SecondaryKey(2)]
        public required string Topic { get; init; }

        [Field(3)]
        public required string Text { get; init; }
    }

    [NetabaseModel(2)]
    public sealed partial record Topic
    {
        [PrimaryKey(1)]
        public required string Name { get; init; }

        [Field(2)]
        public int Notes { get; init; }
    }
}
