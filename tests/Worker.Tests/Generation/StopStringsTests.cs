using Gateway.Worker.Generation;

namespace Gateway.Worker.Tests.Generation;

public class StopStringsTests
{
    [Theory]
    [InlineData("abcSTOPdef", "STOP", "abc", true)]
    [InlineData("abcSTO", "STOP", "abcSTO", false)]
    [InlineData("ababac tail", "abac", "ab", true)]
    [InlineData("aaab", "aab", "a", true)]
    [InlineData("STOP", "STOP", "", true)]
    public void The_result_does_not_depend_on_how_the_text_was_cut(string text, string stop, string expected, bool expectedStop)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var stops = new StopStrings([stop, "never"]);
            var given = "";
            var stopped = false;
            foreach (var part in text.Chunk(size))
            {
                given += stops.Append(new string(part), out stopped);
                expected.ShouldStartWith(given);
                if (stopped) break;
            }

            if (!stopped) given += stops.Flush();
            given.ShouldBe(expected, $"chunks of {size}");
            stopped.ShouldBe(expectedStop);
        }
    }

    [Fact]
    public void Of_two_that_end_together_the_longer_is_cut()
    {
        new StopStrings(["END", "THE END"]).Append("x THE END", out var stopped).ShouldBe("x ");
        stopped.ShouldBeTrue();
    }
}
