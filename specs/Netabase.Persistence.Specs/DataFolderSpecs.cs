namespace Netabase.Persistence.Specs;

public sealed class DataFolderSpecs : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_new_folder_belongs_to_its_owner_alone()
    {
        using var folder = DataFolder.Open(_temp["a/b"], "sqlite");

        Assert.True(Directory.Exists(folder.Path));
        Assert.Equal(Path.Combine(folder.Path, "identity.key"), folder.IdentityPath);
        Assert.False(folder.HasStore);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        }
    }

    [Fact]
    public void Only_one_may_have_it_open_and_the_second_is_told_who()
    {
        using (DataFolder.Open(_temp["data"], "sqlite"))
        {
            var refused = Assert.Throws<StoreException>(() => DataFolder.Open(_temp["data"], "sqlite"));

            Assert.Equal(StoreError.Locked, refused.Error);
            Assert.Contains(_temp["data"], refused.Message, StringComparison.Ordinal);
            Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        }

        DataFolder.Open(_temp["data"], "sqlite").Dispose();
    }

    [Fact]
    public void A_folder_of_a_later_format_is_refused_and_left_as_it_is()
    {
        DataFolder.Open(_temp["data"], "sqlite").Dispose();
        var file = Path.Combine(_temp["data"], "netabase.format");
        File.WriteAllText(file, "netabase data folder, format 2\nstore sqlite\n");

        var refused = Assert.Throws<StoreException>(() => DataFolder.Open(_temp["data"], "sqlite"));

        Assert.Equal(StoreError.Incompatible, refused.Error);
        Assert.Contains("format 2", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("netabase data folder, format 2", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_holds_another_store_is_refused()
    {
        DataFolder.Open(_temp["data"], "sqlite").Dispose();
        Assert.Equal(StoreError.Incompatible, Assert.Throws<StoreException>(() => DataFolder.Open(_temp["data"], "rocksdb")).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("something else\nstore sqlite\n")]
    [InlineData("netabase data folder, format x\nstore sqlite\n")]
    [InlineData("netabase data folder, format 1\n")]
    public void A_format_file_that_cannot_be_read_is_damage(string content)
    {
        DataFolder.Open(_temp["data"], "sqlite").Dispose();
        File.WriteAllText(Path.Combine(_temp["data"], "netabase.format"), content);

        Assert.Equal(StoreError.Damaged, Assert.Throws<StoreException>(() => DataFolder.Open(_temp["data"], "sqlite")).Error);
    }

    [Fact]
    public void A_path_that_is_a_file_is_unavailable()
    {
        File.WriteAllText(_temp["file"], "x");
        Assert.Equal(StoreError.Unavailable, Assert.Throws<StoreException>(() => DataFolder.Open(_temp["file"], "sqlite")).Error);
        Assert.Equal(StoreError.Unavailable, Assert.Throws<StoreException>(() => DataFolder.Open(_temp["file/below"], "sqlite")).Error);
    }

    [Fact]
    public void The_default_path_is_the_same_every_time_and_of_the_user()
    {
        var path = DataFolder.DefaultPath("chat");

        Assert.Equal(path, DataFolder.DefaultPath("chat"));
        Assert.NotEqual(path, DataFolder.DefaultPath("other"));
        Assert.True(Path.IsPathFullyQualified(path));
        Assert.EndsWith(Path.Combine("netabase", "chat"), path, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DataFolder.DefaultPath("../up"));
        Assert.Throws<ArgumentException>(() => DataFolder.DefaultPath(".."));
    }
}
