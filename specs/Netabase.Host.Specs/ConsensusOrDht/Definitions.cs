namespace Netabase.Host.Specs.ConsensusOrDht;

[NetabaseDefinition("bulletin")]
public static partial class Bulletin
{
    [NetabaseModel(1)]
    public sealed partial record Notice
    {
        [PrimaryKey(1)]
        public required Guid Id { get; init; }

        [Field(2)]
        public required string Text { get; init; }
    }
}

[NetabaseDefinition("ledger")]
public static partial class Ledger
{
    [NetabaseModel(1)]
    public sealed partial record Account
    {
        [PrimaryKey(1)]
        public required string Owner { get; init; }

        [Field(2)]
        public required long Cents { get; init; }
    }
}
