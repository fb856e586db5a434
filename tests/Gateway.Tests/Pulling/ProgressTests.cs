using Gateway.Pulling;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Pulling;

public class ProgressTests
{
    [Theory]
    [InlineData(0, 1000, 0, "  0 %  0 B of 1.00 kB, 0 B/s")]
    [InlineData(135_000_000, 270_000_000, 4_500_000, " 50 %  135 MB of 270 MB, 4.50 MB/s, 30 s left")]
    [InlineData(999, 1000, 1, " 99 %  999 B of 1.00 kB, 1 B/s, 1 s left")]
    [InlineData(1000, 1000, 5, "100 %  1.00 kB of 1.00 kB, 5 B/s")]
    public void A_line_says_how_much_how_fast_and_how_long(long done, long total, double rate, string expected)
    {
        ProgressDisplay.Line(done, total, rate, bar: false).ShouldBe(expected);
        ProgressDisplay.Line(done, total, rate, bar: true).ShouldStartWith("[");
    }

    [Fact]
    public void The_rate_is_that_of_the_last_seconds()
    {
        var time = new FakeTimeProvider();
        var rate = new TransferRate(time);
        rate.Sample(0).ShouldBe(0);
        var bytes = 0L;
        foreach (var each in (long[])[.. Enumerable.Repeat(100L, 20), .. Enumerable.Repeat(300L, 20)])
        {
            time.Advance(TimeSpan.FromSeconds(1));
            rate.Sample(bytes += each);
        }

        rate.Sample(bytes).ShouldBe(300);
        TransferRate.Left(3000, 300).ShouldBe(TimeSpan.FromSeconds(10));
        TransferRate.Left(3000, 0).ShouldBeNull();
    }

    [Fact]
    public async Task A_terminal_gets_one_line_drawn_over_and_a_file_gets_plain_lines()
    {
        (await ShownAsync(terminal: true)).ShouldMatch(@"^\[#{12}-{12}\]  50 %  [^\r\n]*\r +\r\[#{24}\] 100 %  [^\r\n]*\n$");
        (await ShownAsync(terminal: false)).ShouldMatch(@"^ 50 %  [^\r\n]*\n100 %  [^\r\n]*\n$");
    }

    private static async Task<string> ShownAsync(bool terminal)
    {
        var (output, progress) = (new StringWriter { NewLine = "\n" }, new PullProgress());
        var display = new ProgressDisplay(output, terminal, 100, new FakeTimeProvider());
        progress.Begin(1000, 0);
        progress.Add(500);
        display.Show(progress);
        progress.Add(500);
        await display.RunAsync(progress, new CancellationToken(canceled: true));
        return output.ToString();
    }
}
