using System.Collections.Frozen;
using System.Collections.Immutable;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>The models of a node by their place in the store's layout, and by their type.</summary>
internal sealed class ModelCatalog
{
    private readonly FrozenDictionary<Type, int> _byType;
    private readonly FrozenDictionary<(string Definition, ushort Tag), int> _byName;

    /// <exception cref="ArgumentException">Two definitions of one name, or a model in two of them.</exception>
    public ModelCatalog(IEnumerable<DefinitionDescriptor> definitions)
    {
        Definitions = [.. definitions.OrderBy(definition => definition.Name, StringComparer.Ordinal)];
        for (var i = 1; i < Definitions.Length; i++)
        {
            if (Definitions[i].Name == Definitions[i - 1].Name)
            {
                throw new ArgumentException($"Two definitions are named '{Definitions[i].Name}'; the name is part of every record key.", nameof(definitions));
            }
        }

        Models = [.. Definitions.SelectMany(definition => definition.Models.OrderBy(model => model.Schema.Tag))];
        Layout = StoreLayout.Of(Definitions);
        _byName = Models.Select((model, place) => (model.Schema, place)).ToFrozenDictionary(pair => (pair.Schema.Definition, pair.Schema.Tag), pair => pair.place);
        _byType = Models.Select((model, place) => (model.ModelType, place)).ToFrozenDictionary(pair => pair.ModelType, pair => pair.place);
    }

    public ImmutableArray<DefinitionDescriptor> Definitions { get; }

    public ImmutableArray<ModelDescriptor> Models { get; }

    public StoreLayout Layout { get; }

    /// <summary>The place of a model.</summary>
    /// <exception cref="ArgumentException">It is of no definition of this node.</exception>
    public int PlaceOf<TModel>()
        where TModel : class, IModel<TModel> => _byType.TryGetValue(typeof(TModel), out var place)
            ? place
            : throw new ArgumentException($"{typeof(TModel).Name} is of no definition of this node; add its definition when the node is set up.");

    /// <summary>The place of the model of that name; false when this node does not know it.</summary>
    public bool TryFind(string definition, ushort tag, out int place) => _byName.TryGetValue((definition, tag), out place);
}
