using Netabase.Transport.Keys;

namespace Netabase.Transport.Specs.Keys;

public sealed class IdentityFileSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-identity-").FullName;

    private string Identity => Path.Combine(_folder, "node", "identity.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_identity_is_created_once_and_is_the_same_ever_after()
    {
        using var created = IdentityFile.LoadOrCreate(Identity);
        using var loaded = IdentityFile.LoadOrCreate(Identity);
        using var again = IdentityFile.Load(Identity);
        Assert.Equal(KeyType.Ed25519, created.Type);
        Assert.Equal(created.PublicKey, loaded.PublicKey);
        Assert.Equal(created.Encode(), again.Encode());
        Assert.Equal(created.Encode(), File.ReadAllBytes(Identity));
        Assert.Equal(["identity.key"], Directory.GetFiles(Path.GetDirectoryName(Identity)!).Select(f => Path.GetFileName(f)));
    }

    [SkippableFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Only_its_owner_may_read_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no Unix modes.");
        IdentityFile.LoadOrCreate(Identity).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Identity));
        foreach (var mode in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite, UnixFileMode.OtherExecute })
        {
            File.SetUnixFileMode(Identity, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            Refused(IdentityFileError.OpenToOthers);
        }

        File.SetUnixFileMode(Identity, UnixFileMode.UserRead);
        IdentityFile.Load(Identity).Dispose();
    }

    [Fact]
    public void A_damaged_file_is_refused_and_left_as_it_is()
    {
        using var key = IdentityFile.LoadOrCreate(Identity);
        var sound = key.Encode();
        foreach (var damaged in new[] { [], sound[..^1], [.. sound, 0], new byte[sound.Length], new byte[100_000], [.. sound[..^1], (byte)(sound[^1] ^ 1)] })
        {
            File.WriteAllBytes(Identity, damaged);
            Refused(IdentityFileError.Damaged);
            Assert.Equal(damaged, File.ReadAllBytes(Identity));
        }
    }

    [Fact]
    public void A_folder_in_the_way_is_told_as_such()
    {
        Directory.CreateDirectory(Identity);
        Refused(IdentityFileError.Inaccessible);
        var failure = Assert.Throws<IdentityFileException>(() => IdentityFile.Load(Path.Combine(_folder, "nothing")));
        Assert.Equal(IdentityFileError.Inaccessible, failure.Error);
    }

    [Fact]
    public async Task Many_that_start_at_once_agree_on_one_identity()
    {
        for (var round = 0; round < 50; round++)
        {
            var file = Path.Combine(Path.GetDirectoryName(Identity)!, $"round-{round}", "identity");
            using var start = new Barrier(8);
            var starts = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(TimeSpan.FromSeconds(120));
                    using var key = IdentityFile.LoadOrCreate(file);
                    return key.PublicKey.PeerId;
                },
                TaskCreationOptions.LongRunning));
            Assert.Single((await Task.WhenAll(starts)).Distinct());
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
        }
    }

    private void Refused(IdentityFileError error) =>
        Assert.Equal(error, Assert.Throws<IdentityFileException>(() => IdentityFile.LoadOrCreate(Identity)).Error);
}
