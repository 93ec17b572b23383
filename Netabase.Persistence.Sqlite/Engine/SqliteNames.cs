using System.Globalization;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>
/// What a model's table, columns and indexes are called; definition names hold only <c>a-z 0-9 . - _</c>, so that they can
/// stand between quotes.
/// </summary>
internal sealed class SqliteNames
{
    public SqliteNames(ModelSchema model)
    {
        var tag = model.Tag.ToString(CultureInfo.InvariantCulture);
        if (!DefinitionName.IsValid(System.Text.Encoding.UTF8.GetBytes(model.Definition)))
        {
            throw new ArgumentException($"\"{model.Definition}\" is no definition name", nameof(model));
        }

        var name = $"{model.Definition}/{tag}";
        Table = $"\"{name}\"";
        KeyIndex = $"\"{name}/key\"";
        ExpiryIndex = $"\"{name}/expires\"";
        TombstoneIndex = $"\"{name}/tombstones\"";
        _name = name;
        Columns = [.. model.SecondaryKeys.Select(key => ColumnOf(key.Number))];
        Indexes = [.. model.SecondaryKeys.Select(key => IndexOf(key.Number))];
    }

    private readonly string _name;

    public string Table { get; }

    public string KeyIndex { get; }

    public string ExpiryIndex { get; }

    public string TombstoneIndex { get; }

    /// <summary>The columns of the secondary keys, in their order.</summary>
    public string[] Columns { get; }

    /// <summary>The indexes of the secondary keys, in their order.</summary>
    public string[] Indexes { get; }

    public static string ColumnOf(int number) => string.Create(CultureInfo.InvariantCulture, $"x{number}");

    public string IndexOf(int number) => string.Create(CultureInfo.InvariantCulture, $"\"{_name}/{number}\"");
}
