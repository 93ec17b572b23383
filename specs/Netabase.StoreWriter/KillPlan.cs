using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Netabase.StoreWriter;

/// <summary>
/// What the process that gets killed writes, so that its parent knows what must be there: each writer goes through its
/// slots again and again, puts a version that says its own number, or removes the slot. One write at a time a writer.
/// </summary>
public static class KillPlan
{
    /// <summary>Writers at once, so that commits are grouped.</summary>
    public const int Writers = 4;

    /// <summary>Keys of a writer.</summary>
    public const int Slots = 20;

    private const int RemoveEvery = 7;

    /// <summary>The one model: a primary key and a secondary key.</summary>
    public static StoreLayoutParts Layout { get; } = new();

    /// <summary>The slot that a writer's n-th step writes.</summary>
    public static int SlotOf(int step) => step % Slots;

    /// <summary>Whether the n-th step removes.</summary>
    public static bool IsRemoval(int step) => step % RemoveEvery == RemoveEvery - 1;

    /// <summary>The key of a slot.</summary>
    public static Payload Key(int round, int writer, int slot) => Bytes($"{round:D4}/{writer}/{slot:D2}");

    /// <summary>The value that a step puts; large enough that a page is torn now and then.</summary>
    public static Payload Value(int step) => Bytes(string.Create(CultureInfo.InvariantCulture, $"{step} {new string((char)('a' + (step % 26)), 700)}"));

    /// <summary>The secondary key that belongs to a value.</summary>
    public static Payload IndexKey(int step) => Bytes(string.Create(CultureInfo.InvariantCulture, $"author{step % 5}"));

    /// <summary>The step that put a value.</summary>
    public static int StepOf(ReadOnlySpan<byte> value) => int.Parse(Encoding.UTF8.GetString(value[..value.IndexOf((byte)' ')]), CultureInfo.InvariantCulture);

    private static Payload Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>The layout and its numbers.</summary>
    public sealed class StoreLayoutParts
    {
        /// <summary>The secondary key's number.</summary>
        public const int ByAuthor = 2;

        /// <summary>The model.</summary>
        public ModelSchema Schema { get; } = new(
            "killed", "Slot", 1,
            [new(1, "Id", FieldRole.PrimaryKey, "bytes"), new(ByAuthor, "Author", FieldRole.SecondaryKey, "string")],
            ImmutableArray<ValueSchema>.Empty,
            "a schema of the specs");
    }
}
