using Gateway.Usage;

namespace Gateway.Tests.Usage;

public sealed class SpillTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private SpillFile Open(FileMode mode = FileMode.CreateNew, long maxBytes = 1 << 20) => SpillFile.Open(folder.File("a.spill"), mode, maxBytes);

    [Fact]
    public void Rows_come_back_as_they_were_in_their_order()
    {
        UsageRow[] rows = [UsageDoor.Row() with { Team = "té\n\"am", FirstTokenMs = 3, Owner = "p", Stage = UsageStages.Running }, UsageDoor.Row() with { Upstream = "east", Estimated = 1, Stream = 1 }];
        using var file = Open();
        file.Append(rows[..1]);
        file.Append(rows[1..]);

        var (read, unreadable, end) = file.Read();

        read.ShouldBe(rows);
        unreadable.ShouldBe(0);
        file.Taken(end);
        (file.Bytes, new FileInfo(file.Path).Length).ShouldBe((0, 0));
    }

    [Fact]
    public void What_is_appended_while_others_are_taken_stays()
    {
        using var file = Open();
        file.Append([UsageDoor.Row()]);
        var (_, _, end) = file.Read();
        var late = UsageDoor.Row();
        file.Append([late]);

        file.Taken(end);

        file.Read().Rows.ShouldBe([late]);
    }

    [Theory]
    [InlineData("{\"id\":\"torn", 0)]
    [InlineData("no row\n", 1)]
    [InlineData("\0\0\0\0\n{}\n", 2)]
    public void A_file_whose_process_died_over_it_gives_what_is_whole(string tail, int unreadable)
    {
        var row = UsageDoor.Row();
        using (var file = Open()) file.Append([row]);
        File.AppendAllText(folder.File("a.spill"), tail);

        using var left = Open(FileMode.Open);
        var read = left.Read();

        read.Rows.ShouldBe([row]);
        read.Unreadable.ShouldBe(unreadable);
        left.Taken(read.End);
        while (left.Bytes > 0) left.Taken(left.Read().End);
        left.Read().Rows.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_has_its_bound_and_keeps_what_it_had()
    {
        var row = UsageDoor.Row();
        using var file = Open(maxBytes: 600);
        file.Append([row]);

        Should.Throw<IOException>(() => file.Append([UsageDoor.Row(), UsageDoor.Row()]));

        file.Read().Rows.ShouldBe([row]);
    }

    [Fact]
    public void A_file_of_a_process_that_lives_cannot_be_taken()
    {
        using var file = Open();

        Should.Throw<IOException>(() => Open(FileMode.Open));
    }

    [Fact]
    public void Large_files_are_read_piece_by_piece()
    {
        UsageRow[] rows = [.. Enumerable.Range(0, 20_000).Select(_ => UsageDoor.Row())];
        using var file = Open(maxBytes: 1 << 30);
        file.Append(rows);
        var read = new List<UsageRow>();

        while (file.Bytes > 0)
        {
            var piece = file.Read();
            piece.Rows.Count.ShouldBeInRange(1, 19_999);
            read.AddRange(piece.Rows);
            file.Taken(piece.End);
        }

        read.ShouldBe(rows);
    }
}
