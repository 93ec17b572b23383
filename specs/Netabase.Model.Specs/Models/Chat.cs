namespace Netabase.Specs.Models;

/// <summary>The example of the readme, as a user would write it.</summary>
[NetabaseDefinition("chat")]
public static partial class Chat
{
    /// <summary>A message.</summary>
    [NetabaseModel(1)]
    public sealed partial record Message
    {
        [PrimaryKey(1)]
        public required Guid Id { get; init; }

        [SecondaryKey(2)]
        public required string Author { get; init; }

        [SecondaryKey(3)]
        public required DateTimeOffset SentAt { get; init; }

        [Field(4)]
        public required string Text { get; init; }
    }
}
