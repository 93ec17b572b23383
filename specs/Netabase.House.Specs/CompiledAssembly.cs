using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Netabase.House.Specs;

/// <summary>What a compiled assembly knows of others, read from its metadata without loading it.</summary>
/// <param name="Name">Its simple name.</param>
/// <param name="References">The assemblies it refers to.</param>
/// <param name="Types">The full names of the foreign types it refers to.</param>
/// <param name="Members">The foreign members it refers to, as <c>Type.Member</c>.</param>
internal sealed record CompiledAssembly(
    string Name, ImmutableArray<string> References, ImmutableArray<string> Types, ImmutableArray<string> Members)
{
    public static CompiledAssembly Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return new(
            reader.GetString(reader.GetAssemblyDefinition().Name),
            [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name)).Order(StringComparer.Ordinal)],
            [.. reader.TypeReferences.Select(handle => FullName(reader, handle)).Order(StringComparer.Ordinal)],
            [.. reader.MemberReferences.Select(handle => Member(reader, reader.GetMemberReference(handle))).OfType<string>().Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>An assembly of ours, built for this run.</summary>
    public static CompiledAssembly Of(string name) => Read(Path.Combine(AppContext.BaseDirectory, name + ".dll"));

    private static string? Member(MetadataReader reader, MemberReference member) => member.Parent.Kind == HandleKind.TypeReference
        ? $"{FullName(reader, (TypeReferenceHandle)member.Parent)}.{reader.GetString(member.Name)}"
        : null;

    private static string FullName(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{FullName(reader, (TypeReferenceHandle)type.ResolutionScope)}+{name}"
            : $"{reader.GetString(type.Namespace)}.{name}";
    }
}
