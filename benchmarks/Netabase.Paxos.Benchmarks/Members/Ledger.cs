namespace Netabase.Paxos.Benchmarks.Members;

/// <summary>What Netabase's members write: a name and bytes, as etcd and the table of DotNext's member have it.</summary>
[NetabaseDefinition("ledger")]
public static partial class Ledger
{
    /// <summary>One value.</summary>
    [NetabaseModel(1)]
    public sealed partial record Entry
    {
        /// <summary>Its name.</summary>
        [PrimaryKey(1)]
        public required string Name { get; init; }

        /// <summary>256 bytes.</summary>
        [Field(2)]
        public required Payload Value { get; init; }
    }
}
