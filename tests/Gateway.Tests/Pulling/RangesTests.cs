using Gateway.Pulling;

namespace Gateway.Tests.Pulling;

public class RangesTests
{
    /// <summary>The set against one flag for each byte, over many random histories.</summary>
    [Fact]
    public void A_set_of_ranges_is_a_set_of_bytes()
    {
        const int Size = 40;
        for (var seed = 0; seed < 500; seed++)
        {
            var chance = new Random(seed);
            var (ranges, flags) = (new ByteRanges(), new bool[Size]);
            for (var step = 0; step < 30; step++)
            {
                var start = chance.Next(Size);
                var range = new ByteRange(start, start + chance.Next(Size - start + 1));
                var add = chance.Next(3) > 0;
                if (add) ranges.Add(range);
                else ranges.Remove(range);
                Array.Fill(flags, add, (int)range.Start, (int)range.Length);

                ranges.Count.ShouldBe(flags.Count(flag => flag));
                var gap = Array.IndexOf(flags, false);
                var end = gap < 0 ? -1 : Array.IndexOf(flags, true, gap);
                ByteRanges.FirstGap(ranges, new ByteRanges(), Size).ShouldBe(gap < 0 ? null : new ByteRange(gap, end < 0 ? Size : end));
            }
        }
    }

    [Fact]
    public void Claims_do_not_overlap_and_come_back()
    {
        using var folder = new TemporaryFolder();
        using var file = PartialFile.Open(new HubFile("a", 250, new Digest(new string('0', 64))), folder.File("a"));

        var (one, two, three) = (file.Take(100), file.Take(100), file.Take(100));
        (one, two, three).ShouldBe((new ByteRange(0, 100), new ByteRange(100, 200), new ByteRange(200, 250)));
        file.Take(100).ShouldBeNull();
        file.Commit(new ByteRange(100, 150)).ShouldBe(50);
        file.Commit(new ByteRange(120, 160)).ShouldBe(10);
        file.GiveBack(two!.Value);

        file.Take(100).ShouldBe(new ByteRange(160, 200));
    }
}
