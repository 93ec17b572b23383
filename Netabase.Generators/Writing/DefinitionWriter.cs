using Netabase.Generators.Reading;

namespace Netabase.Generators.Writing;

/// <summary>The part of a definition that lists its models.</summary>
internal static class DefinitionWriter
{
    public static string Write(DefinitionReading definition)
    {
        var source = new Source().OpenFile(definition.Type)
            .Open($"static partial class {definition.Type.Name}")
            .Line("/// <summary>The closed set of this definition's models, by ascending tag.</summary>")
            .Line("public static global::Netabase.DefinitionDescriptor Definition { get; } = new(")
            .Indent(1)
            .Line($"\"{definition.Name}\",")
            .Line("[")
            .Indent(1);
        foreach (var model in definition.Models)
        {
            _ = source.Line($"global::Netabase.ModelDescriptor.Of<{model.FullName}>(),");
        }

        return source.Indent(-1).Line("]);").Indent(-1).CloseFile().ToString();
    }
}
