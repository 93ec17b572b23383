namespace Netabase.Generators.Specs;

/// <summary>What users write.</summary>
internal static class UserCode
{
    public const string Chat = """
        namespace App;

        /// <summary>The chat.</summary>
        [NetabaseDefinition("chat")]
        public static partial class Chat
        {
            /// <summary>A message.</summary>
            [NetabaseModel(1)]
            public sealed partial record Message
            {
                /// <summary>Names it.</summary>
                [PrimaryKey(1)]
                public required Guid Id { get; init; }

                /// <summary>Who wrote it.</summary>
                [SecondaryKey(2)]
                public required string Author { get; init; }

                /// <summary>When.</summary>
                [SecondaryKey(3)]
                public required DateTimeOffset SentAt { get; init; }

                /// <summary>What.</summary>
                [Field(4)]
                public required string Text { get; init; }
            }
        }
        """;

    public const string Shop = """
        namespace App.Sales;

        /// <summary>The shop.</summary>
        [NetabaseDefinition("shop.sales")]
        public static partial class Shop
        {
            /// <summary>How far it is.</summary>
            public enum State
            {
                /// <summary>Just made.</summary>
                New,
                /// <summary>Gone.</summary>
                Sent = 5,
            }

            /// <summary>So many of something.</summary>
            [NetabaseValue]
            public readonly partial record struct Line([property: Field(1)] int Product, [property: Field(2)] decimal Price);

            /// <summary>Who.</summary>
            [NetabaseValue(Reserved = [2])]
            public sealed partial record Customer
            {
                /// <summary>The name.</summary>
                [Field(1)]
                public required string Name { get; init; }

                /// <summary>The customer who brought this one.</summary>
                [Field(3)]
                public Customer? BroughtBy { get; init; }
            }

            /// <summary>An order.</summary>
            [NetabaseModel(7)]
            public sealed partial record Order
            {
                /// <summary>Names it.</summary>
                [PrimaryKey(1)]
                public required long Id { get; init; }

                /// <summary>How far it is.</summary>
                [SecondaryKey(2)]
                public State? State { get; init; }

                /// <summary>What was ordered.</summary>
                [Field(3)]
                public required System.Collections.Immutable.ImmutableArray<Line> Lines { get; init; }

                /// <summary>Who ordered it.</summary>
                [Field(4)]
                public required Customer Customer { get; init; }

                /// <summary>Words by language.</summary>
                [Field(5)]
                public required System.Collections.Generic.Dictionary<string, string> Notes { get; init; }

                /// <summary>Marks.</summary>
                [Field(16)]
                public required long[] Marks { get; init; }
            }
        }
        """;

    /// <summary>A definition with one model whose body is given.</summary>
    public static string Model(string body, string head = "public sealed partial record M", string before = "") => $$"""
        namespace App;
        [NetabaseDefinition("app")]
        public static partial class D
        {
            {{before}}
            [NetabaseModel(1)]
            {{head}}
            {
                {{body}}
            }
        }
        """;
}
