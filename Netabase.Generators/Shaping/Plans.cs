using Netabase.Generators.Reading;

namespace Netabase.Generators.Shaping;

/// <summary>What will be written for one model or value.</summary>
/// <param name="Type">Where it stands in code.</param>
/// <param name="Fields">Its properties by ascending number.</param>
/// <param name="Schema">A model's schema; null for a value.</param>
/// <param name="IsOrderable">Whether a value can be a key.</param>
internal sealed record RecordPlan(TypeName Type, EquatableArray<FieldPlan> Fields, SchemaPlan? Schema, bool IsOrderable);

/// <summary>One property and the words made for it.</summary>
/// <param name="Field">What was read.</param>
/// <param name="Local">The variable that holds it while a record is read.</param>
/// <param name="Word">Its type in the schema.</param>
internal sealed record FieldPlan(FieldReading Field, string Local, string Word)
{
    public string Name => Field.Name;

    public int Number => Field.Number;

    public TypeReading Type => Field.Type;

    public bool IsNullable => Field.IsNullable;
}

/// <summary>A schema in the words of <c>specs/wire.md</c>.</summary>
internal sealed record SchemaPlan(
    string Definition, string Name, int Tag, bool IsOwned, EquatableArray<WordPlan> Fields, EquatableArray<ValuePlan> Values, string Hash);

/// <summary>A field of a schema.</summary>
internal sealed record WordPlan(int Number, string Name, FieldRole Role, string Word);

/// <summary>A nested record or an enum of a schema.</summary>
internal sealed record ValuePlan(string Name, EquatableArray<WordPlan> Fields, bool IsEnum);
