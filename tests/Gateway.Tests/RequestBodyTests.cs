using System.Text;
using System.Text.Json;
using Gateway.Calls;
using Gateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests;

public class RequestBodyTests
{
    private static Task<RequestBody> ReadAsync(string body, long limit = 1 << 20, string? type = "application/json")
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        http.Request.ContentType = type;
        return RequestBody.ReadAsync(http.Request, limit);
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

    [Fact]
    public async Task Another_model_keeps_everything_else_to_the_digit()
    {
        var body = (await ReadAsync("""{"model":"old","seed":12345678901234567890,"x":1.10}""")).WithModel("new");

        Encoding.UTF8.GetString(body.Bytes).ShouldBe("""{"model":"new","seed":12345678901234567890,"x":1.10}""");
        JsonDocument.Parse(body.Bytes).RootElement.GetProperty("model").GetString().ShouldBe("new");
    }
}
