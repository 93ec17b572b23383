using Netabase.Persistence.Specs.Contract;
using Netabase.Persistence.Sqlite;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs;

/// <summary>
/// Index entries of a database too large to be checked at its opening. An entry that leads to another row than it says is told
/// by the read that meets it; one that hides its row is told by the check beside the traffic.
/// </summary>
public sealed class IndexDamageSpecs : IDisposable
{
    private const int Records = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TempFolder _temp = new();

    private static SqliteStoreOptions Unchecked => Backends.SqliteOptions with { CheckedAtOpenBytesMax = 0, ChecksLarger = false };

    private string Database => Path.Combine(_temp["data"], SqliteRecordStore.FileName);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task An_entry_with_another_index_key_than_its_row_is_told_and_not_served()
    {
        await FillAsync();
        var whole = await File.ReadAllBytesAsync(Database);
        var (told, places) = (0, PlacesOf(whole, "author7").Where((_, i) => i % 5 == 0).ToList());
        foreach (var place in places)
        {
            whole[place + 6] = (byte)'8';
            await File.WriteAllBytesAsync(Database, whole);
            whole[place + 6] = (byte)'7';

            await using var open = await Backends.OpenAsync(new SqliteBackend(Unchecked), _temp["data"]);
            try
            {
                Assert.All(
                    open.Store.All(new StoreQuery(Message, ByAuthor, KeyRange.All)),
                    row => Assert.Equal($"author{Text(row.Key.Span)[^1]}", Text(row.IndexKey.Span)));
            }
            catch (StoreException damage)
            {
                Assert.Equal(StoreError.Damaged, damage.Error);
                told++;
            }
        }

        // The others lie in pages' unused room, where a split left them behind.
        Assert.InRange(told, places.Count / 2, places.Count);
    }

    [Fact]
    public async Task An_entry_that_hides_its_row_is_told_by_the_check_beside_the_traffic_and_other_models_go_on()
    {
        await FillAsync();
        var bytes = await File.ReadAllBytesAsync(Database);
        bytes[PlacesOf(bytes, "author7")[^1]] = (byte)'z';
        await File.WriteAllBytesAsync(Database, bytes);

        await using var open = await Backends.OpenAsync(new SqliteBackend(Unchecked with { ChecksLarger = true }), _temp["data"]);
        await ((SqliteRecordStore)open.Store).Inspected.WaitAsync(Patience);

        var told = Assert.Throws<StoreException>(() => open.Store.Get(Message, "k0000"));
        Assert.Equal((StoreError.Damaged, Message), (told.Error, told.Model));
        var refused = await Assert.ThrowsAsync<StoreException>(() => open.Store.WriteAsync(PutMessage("new", "ada")));
        Assert.Equal((StoreError.Damaged, Message), (refused.Error, refused.Model));
        Assert.NotNull(open.Store.Get(Counter, "c"));
        await open.Store.WriteAsync(PutCounter("d", 2));
    }

    [Fact]
    public async Task A_large_database_that_is_whole_is_checked_beside_the_traffic_and_closes_in_its_midst()
    {
        await FillAsync();
        for (var i = 0; i < 20; i++)
        {
            await using var open = await Backends.OpenAsync(new SqliteBackend(Unchecked with { ChecksLarger = true }), _temp["data"]);
            Assert.NotNull(open.Store.Get(Message, "k0000"));
            if (i % 2 == 0)
            {
                await ((SqliteRecordStore)open.Store).Inspected.WaitAsync(Patience);
                Assert.Equal(Records, open.Store.Count(new StoreQuery(Message, null, KeyRange.All)));
            }
        }
    }

    private static List<int> PlacesOf(byte[] bytes, string text)
    {
        var places = new List<int>();
        var pattern = System.Text.Encoding.ASCII.GetBytes(text);
        for (var at = 0; bytes.AsSpan(at).IndexOf(pattern) is >= 0 and var next; at += next + 1)
        {
            places.Add(at + next);
        }

        return places;
    }

    private async Task FillAsync()
    {
        await using var open = await Backends.OpenAsync("sqlite", _temp["data"]);
        await open.Store.WriteAsync([PutCounter("c", 1), .. Enumerable.Range(0, Records).Select(i => PutMessage($"k{i:D4}", $"author{i % 10}", text: new string('t', 200)))]);
    }
}
