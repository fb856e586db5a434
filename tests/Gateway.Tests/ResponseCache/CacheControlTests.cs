using Gateway.ResponseCache;
using Microsoft.AspNetCore.Http;



namespace Gateway.Tests.ResponseCache;

public sealed class CacheControlTests
{
    [Theory]
    [InlineData("", true, true, null, false)]
    [InlineData("no-cache", false, true, null, false)]
    [InlineData("No-Store", false, false, null, false)]
    [InlineData("max-age=30", true, true, 30, false)]
    [InlineData("max-age = \"30\" , only-if-cached", true, true, 30, true)]
    [InlineData("max-age=soon", true, true, 0, false)]
    [InlineData("max-age=-1", true, true, 0, false)]
    [InlineData("max-age=99999999999999999999", true, true, 0, false)]
    [InlineData("private, x=\"y\",, =", true, true, null, false)]
    public void A_caller_says_what_will_do(string said, bool look, bool keep, int? maxAge, bool only)
    {
        var headers = new HeaderDictionary();
        if (said.Length > 0) headers["Cache-Control"] = said;
        CacheControl.Of(headers).ShouldBe(new CacheControl(look, keep, maxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null, only));
    }

    [Fact]
    public void The_old_word_for_it_counts_where_the_new_one_is_absent()
    {
        CacheControl.Of(new HeaderDictionary { ["Pragma"] = "no-cache" }).MayLook.ShouldBeFalse();
        CacheControl.Of(new HeaderDictionary { ["Pragma"] = "no-cache", ["Cache-Control"] = "max-age=5" }).MayLook.ShouldBeTrue();
    }
}
