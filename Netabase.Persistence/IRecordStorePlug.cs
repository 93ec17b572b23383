namespace Netabase.Persistence;

/// <summary>A store that a program plugs in by its name, for a node's configuration to choose and to tune.</summary>
public interface IRecordStorePlug
{
    /// <summary>What <c>netabase.stores.backend</c> calls it; its settings stand in <c>netabase.stores.{name}</c>.</summary>
    string Name { get; }

    /// <summary>HOCON with the object <c>netabase.stores.{name}</c>: every setting with its default and a sentence. Another key there is an error.</summary>
    string Reference { get; }

    /// <summary>The store with the settings that the node was given.</summary>
    /// <param name="section">Its section, the defaults included; whatever cannot be used is told with its key.</param>
    IRecordStoreBackend Create(IStoreSection section);
}

/// <summary>A store's own section of the configuration, wherever that is written; an error names key, value and what would be right.</summary>
public interface IStoreSection
{
    /// <summary>A whole number.</summary>
    long Number(string key, long min, long max);

    /// <summary>A duration, such as <c>500ms</c>.</summary>
    TimeSpan Duration(string key, TimeSpan min, TimeSpan max);

    /// <summary><c>on</c> or <c>off</c>.</summary>
    bool Flag(string key);
}
