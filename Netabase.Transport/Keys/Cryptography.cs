namespace Netabase.Transport.Keys;

/// <summary>Which <see cref="ICryptography"/> this process uses unless told otherwise.</summary>
public static class Cryptography
{
    private static readonly Lazy<ICryptography> Chosen = new(() => NativeCryptography.IsSupported ? NativeCryptography.Instance : ManagedCryptography.Instance);

    /// <summary>The native one where its libraries load and know the algorithms, else the managed one; decided once.</summary>
    public static ICryptography Default => Chosen.Value;
}
