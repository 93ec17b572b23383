namespace Netabase.Examples.Chat;

[NetabaseDefinition("chat")]
public static partial class ChatRoom
{
    [NetabaseModel(1)]
    public sealed partial record Message
    {
        [PrimaryKey(1)]
        public required Guid Id { get; init; }

        [SecondaryKey(2)]
        public required DateTimeOffset SentAt { get; init; }

        [SecondaryKey(3)]
        public required string Author { get; init; }

        [Field(4)]
        public required string Text { get; init; }
    }
}
