using System.Text;
using System.Text.Json;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Models;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests;

public class RequestBodyTests
{
    private static Task<RequestBody> ReadAsync(string body, long limit = 1 << 20, string? type = "application/json")
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        http.Request.ContentType = type;
        return RequestBody.ReadAsync(http.Request, limit).AsTask();
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

    private static string Edited(RequestBody body, ModelOptions options, UsageOption usage = UsageOption.Passed) => Encoding.UTF8.GetString(BodyEdit.Apply(body, "new", FieldEdits.Of(options), usage).Span);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
