namespace Netabase.Host;

/// <summary>Names and values without a model of one's own: what the <c>netabase</c> command puts and gets.</summary>
[NetabaseDefinition("kv")]
public static partial class KeyValue
{
    /// <summary>One value.</summary>
    [NetabaseModel(1)]
    public sealed partial record Entry
    {
        /// <summary>Its name, 1 to 1,024 bytes of UTF-8.</summary>
        [PrimaryKey(1)]
        public required string Name { get; init; }

        /// <summary>Bytes of any kind.</summary>
        [Field(2)]
        public required Payload Value { get; init; }
    }
}
