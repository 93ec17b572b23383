namespace Netabase.Specs;

/// <summary>A processor without the instruction reads and writes the same bytes.</summary>
public class SevensSpecs
{
    [Fact]
    public void Eight_groups_of_seven_bits_are_the_same_by_masks_as_by_the_instruction()
    {
        var chance = new Chance(Chance.Seed);
        for (var i = 0; i < 100_000; i++)
        {
            var number = chance.Number();
            var why = $"seed {Chance.Seed}, number {number:x}";
            Assert.True(Sevens.Compact(number) == Sevens.CompactByMasks(number), why);
            Assert.True(Sevens.Spread(number & 0x00FF_FFFF_FFFF_FFFF) == Sevens.SpreadByMasks(number & 0x00FF_FFFF_FFFF_FFFF), why);
            Assert.True(Sevens.CompactByMasks(Sevens.SpreadByMasks(number & 0x00FF_FFFF_FFFF_FFFF)) == (number & 0x00FF_FFFF_FFFF_FFFF), why);
        }
    }
}
