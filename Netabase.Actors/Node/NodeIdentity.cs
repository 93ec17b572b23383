using Netabase.Actors.Settings;
using Netabase.Persistence;
using Netabase.Transport.Keys;

namespace Netabase.Actors.Node;

/// <summary>Who the node is: a key that lies beside its data, so that both are found again together.</summary>
internal sealed class NodeIdentity : IDisposable
{
    private readonly Lock _gate = new();
    private PrivateKey? _passing;

    /// <summary>The key of a run: from the file that is configured, else from the data folder, else one that lives as long as the node object.</summary>
    /// <exception cref="IdentityFileException">The file is damaged, open to others or inaccessible.</exception>
    public PrivateKey Open(NetworkSettings settings, DataFolder? folder)
    {
        var path = settings.IdentityFile.Length > 0 ? settings.IdentityFile : folder?.IdentityPath;
        if (path is not null)
        {
            return IdentityFile.LoadOrCreate(path);
        }

        lock (_gate)
        {
            return _passing ??= PrivateKey.Generate();
        }
    }

    /// <summary>A run has ended; a passing key stays for the next.</summary>
    public void Close(PrivateKey key)
    {
        if (!ReferenceEquals(key, _passing))
        {
            key.Dispose();
        }
    }

    public void Dispose() => _passing?.Dispose();
}
