using System.Text;
using System.Text.Json;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Models;
using Gateway.Protocol;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests;

public class RequestBodyTests
{
    private static Task<RequestBody> ReadAsync(string body, long limit = 1 << 20, string? type = "application/json", bool mayStream = true)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        http.Request.ContentType = type;
        return RequestBody.ReadAsync(http.Request, limit, mayStream).AsTask();
    }

    [Fact]
    public async Task Model_and_stream_are_read_wherever_they_stand()
    {
        var body = await ReadAsync("""{"messages":[{"model":"inner","stream":true}],"stream":false,"extra":1.50,"model":"a/b:c"}""");

        (body.Model, body.Stream).ShouldBe(("a/b:c", false));
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("[]", 400)]
    [InlineData("{\"model\":\"a\"", 400)]
    [InlineData("{\"model\":\"a\"} x", 400)]
    [InlineData("{\"model\":7}", 400)]
    [InlineData("{\"model\":\"0123456789012345678901234567890123456789\"}", 413)]
    public async Task What_is_not_a_body_is_refused(string body, int status)
    {
        (await Should.ThrowAsync<ProblemException>(() => ReadAsync(body, limit: 40))).Problem.Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("[]", "an array")]
    [InlineData("null", "null")]
    [InlineData("3", "a number")]
    [InlineData("\"x\"", "a string")]
    [InlineData("true", "a boolean")]
    public async Task What_is_json_and_no_object_is_said_to_be_that(string body, string kind) =>
        (await Should.ThrowAsync<ProblemException>(() => ReadAsync(body))).Problem.Error.Error.Message.ShouldBe($"The JSON body of the request must be an object, but it is {kind}.");

    [Theory]
    [InlineData("\"true\"", "a string")]
    [InlineData("1", "a number")]
    [InlineData("[true]", "an array")]
    [InlineData("{}", "an object")]
    public async Task Stream_is_a_boolean(string stream, string kind)
    {
        var problem = (await Should.ThrowAsync<ProblemException>(() => ReadAsync($$"""{"model":"m","stream":{{stream}}}"""))).Problem;

        problem.Status.ShouldBe(400);
        problem.Error.Error.ShouldBe(new ApiErrorBody($"Invalid type for 'stream': expected a boolean, but got {kind} instead.", "invalid_request_error", "stream", "invalid_type"));
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("false", false)]
    [InlineData("true", true)]
    public async Task Or_nothing(string stream, bool asked) => (await ReadAsync($$"""{"stream":{{stream}}}""")).Stream.ShouldBe(asked);

    [Theory]
    [InlineData("true")]
    [InlineData("\"yes\"")]
    public async Task Where_nothing_streams_it_is_a_field_like_any_other(string stream)
    {
        var sent = $$$"""{"model":"new","stream":{{{stream}}},"stream_options":{"include_usage":true}}""";
        var body = await ReadAsync(sent, mayStream: false);

        (body.Stream, body.IncludeUsage).ShouldBe((false, false));
        Edited(body, new ModelOptions(), UsageOption.Added).ShouldBe(sent);
    }

    [Theory]
    [InlineData("""{"max_tokens":1,"max_completion_tokens":1000}""", 1000L)]
    [InlineData("""{"max_completion_tokens":1000,"max_tokens":1}""", 1000L)]
    [InlineData("""{"max_tokens":1000,"max_tokens":1}""", 1000L)]
    [InlineData("""{"max_tokens":1,"max_completion_tokens":null}""", 1L)]
    [InlineData("""{"max_tokens":1e5}""", 100_000L)]
    [InlineData("""{"max_tokens":99999999999999999999}""", long.MaxValue)]
    [InlineData("""{"max_tokens":-1}""", null)]
    [InlineData("""{"max_tokens":"7"}""", null)]
    public async Task Of_several_bounds_the_largest_is_reserved(string body, long? most) => (await ReadAsync(body)).MaxTokens.ShouldBe(most);

    [Fact]
    public async Task Of_several_numbers_of_choices_the_largest_too() => (await ReadAsync("""{"n":5,"n":1}""")).Choices.ShouldBe(5);

    [Theory]
    [InlineData("{\"model\":\"m\",\"a\":\"\u00ff\"}")]
    [InlineData("{\"model\":\"m\",\"a\":[{\"\u00c3(\":1}]}")]
    public void What_is_no_utf8_is_refused_wherever_it_stands(string latin)
    {
        var problem = Should.Throw<ProblemException>(() => RequestBody.Parse(Encoding.Latin1.GetBytes(latin))).Problem;

        problem.Status.ShouldBe(400);
        problem.Error.Error.Message.ShouldContain("UTF-8");
    }

    [Fact]
    public async Task Another_content_type_is_refused_and_none_is_taken_for_json()
    {
        (await Should.ThrowAsync<ProblemException>(() => ReadAsync("{}", type: "text/plain"))).Problem.Status.ShouldBe(415);
        (await ReadAsync("{}", type: null)).Model.ShouldBeNull();
    }

    [Fact]
    public async Task A_hundred_thousand_deep_body_is_refused_and_not_a_crash()
    {
        var problem = (await Should.ThrowAsync<ProblemException>(() => ReadAsync("{\"a\":" + new string('[', 100_000)))).Problem;
        problem.Status.ShouldBe(400);
        problem.Error.Error.Message.ShouldContain("deeper than 1000 levels");
    }

    [Theory]
    [InlineData("""{"model":"old","seed":12345678901234567890,"x":1.10}""", """{"model":"new","seed":12345678901234567890,"x":1.10}""")]
    [InlineData("""{"a":{"model":"old"},"mod\u0065l":"old"}""", """{"a":{"model":"old"},"mod\u0065l":"new"}""")]
    [InlineData("""{"model":"old","model":"twice"}""", """{"model":"new","model":"new"}""")]
    [InlineData("""{ "x" : 1 } """, """{ "x" : 1,"model":"new"}""")]
    [InlineData("{}", """{"model":"new"}""")]
    public async Task Another_model_keeps_everything_else_to_the_digit(string body, string sent)
    {
        Edited(await ReadAsync(body), new ModelOptions()).ShouldBe(sent);
    }

    [Theory]
    [InlineData("""{"model":"new","stream":true}""", """{"model":"new","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"new","stream":true,"stream_options":null}""", """{"model":"new","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"new","stream_options":{"include_usage":false,"x":[1]},"stream":true}""", """{"model":"new","stream_options":{"include_usage":true,"x":[1]},"stream":true}""")]
    [InlineData("""{"model":"new","stream_options":{"include_usage":true},"stream":true}""", """{"model":"new","stream_options":{"include_usage":true},"stream":true}""")]
    [InlineData("""{"model":"new","stream_options":7,"stream":true}""", """{"model":"new","stream_options":7,"stream":true}""")]
    [InlineData("""{"model":"new","stream":false}""", """{"model":"new","stream":false}""")]
    public async Task Usage_is_asked_for_in_every_stream(string body, string sent)
    {
        Edited(await ReadAsync(body), new ModelOptions(), UsageOption.Added).ShouldBe(sent);
    }

    [Theory]
    [InlineData("""{"model":"new", "stream_options":{"include_usage":true}, "stream":true}""", """{"model":"new", "stream":true}""")]
    [InlineData("""{"stream_options":{"include_usage":true} , "model":"old"}""", """{"model":"new"}""")]
    [InlineData("""{"stream":true,"stream_options":{"include_usage":true} } """, """{"stream":true,"model":"new"}""")]
    [InlineData("""{ "stream_options":{"include_usage":true} }""", """{ "model":"new"}""")]
    [InlineData("""{"stream_options":1,"stream_options":2,"x":3,"stream_options":{"include_usage":true},"model":"new"}""", """{"x":3,"model":"new"}""")]
    [InlineData("""{"x":3,"model":"new"}""", """{"x":3,"model":"new"}""")]
    public async Task The_option_that_asks_for_usage_can_be_left_out(string body, string sent)
    {
        Edited(await ReadAsync(body), new ModelOptions(), UsageOption.Removed).ShouldBe(sent);
    }

    [Fact]
    public async Task Defaults_stand_where_nothing_is_said_and_overrides_everywhere()
    {
        var options = new ModelOptions { Defaults = { ["temperature"] = Json("0.70"), ["user"] = Json("\"u\""), ["top_p"] = Json("1") }, Overrides = { ["seed"] = Json("7"), ["n"] = Json("1") } };

        Edited(await ReadAsync("""{"model":"new","temperature":null,"top_p":0.5,"seed":12}"""), options)
            .ShouldBe("""{"model":"new","temperature":0.70,"top_p":0.5,"seed":7,"n":1,"user":"u"}""");
    }

    [Theory]
    [InlineData("""{"model":"new","\ud800":1}""")]
    [InlineData("""{"model":"new","a_long_name_of_a_field\ud800":1}""")]
    [InlineData("""{"model":"new","max_tokens\udc00":1}""")]
    public async Task A_name_with_half_of_a_character_is_refused(string sent) => (await Should.ThrowAsync<ProblemException>(async () =>
        Edited(await ReadAsync(sent), new ModelOptions { Overrides = { ["seed"] = Json("7") } }))).Problem.Status.ShouldBe(400);

    private static string Edited(RequestBody body, ModelOptions options, UsageOption usage = UsageOption.Passed) => Encoding.UTF8.GetString(BodyEdit.Apply(body, "new", FieldEdits.Of(options), usage).Span);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
