using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Netabase.Actors.Settings;

/// <summary>A key that the reference does not have is a slip of the pen, and would be ignored in silence.</summary>
internal static class UnknownKeys
{
    /// <param name="config">What was configured.</param>
    /// <param name="reference">Every key there is.</param>
    /// <param name="path">Below which.</param>
    /// <param name="elsewhere">Paths that another reference knows.</param>
    public static void Refuse(Config config, Config reference, string path, params IReadOnlyCollection<string> elsewhere)
    {
        Refuse(config, reference.GetValue(path), path, elsewhere);
    }

    /// <param name="config">What was configured.</param>
    /// <param name="known">An object with every key there is.</param>
    /// <param name="path">Below which.</param>
    /// <param name="elsewhere">Paths that another reference knows.</param>
    public static void Refuse(Config config, HoconValue known, string path, params IReadOnlyCollection<string> elsewhere)
    {
        // A merged configuration is a chain, and a lookup in it ends at the first link that has the path.
        for (var link = config; link is not null; link = link.Fallback)
        {
            if (Find(link.Root, path) is { } value)
            {
                Walk(value, known, path, elsewhere);
            }
        }
    }

    /// <summary>What one link of a configuration has at a path, or null.</summary>
    public static HoconValue? Find(HoconValue? root, string path)
    {
        foreach (var name in path.Split('.'))
        {
            root = root is not null && root.IsObject() ? root.GetObject().GetKey(name) : null;
        }

        return root;
    }

    private static void Walk(HoconValue value, HoconValue known, string path, IReadOnlyCollection<string> elsewhere)
    {
        if (!value.IsObject())
        {
            if (known.IsObject())
            {
                throw new SettingsException(path, value.GetString() ?? "(nothing)", "must be an object of settings");
            }

            return;
        }

        if (!known.IsObject())
        {
            throw new SettingsException(path, "{...}", "must be one value, not an object");
        }

        var names = known.GetObject();
        foreach (var (name, child) in value.GetObject().Items)
        {
            var full = $"{path}.{name}";
            if (!elsewhere.Contains(full))
            {
                var there = names.GetKey(name) ?? throw new SettingsException(full, Describe(child), "is no setting; see reference.conf for those there are");
                Walk(child, there, full, elsewhere);
            }
        }
    }

    private static string Describe(HoconValue value) => value.IsObject() ? "{...}" : value.GetString() ?? "(nothing)";
}
