using System.Net;

namespace Gateway.Worker.Tests;

/// <summary>Loading, leaving and stopping.</summary>
public class LifeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Until_the_model_is_loaded_the_worker_lives_but_is_not_ready()
    {
        await using var surface = await Surface.StartAsync(_ => new GatedBackend(), loaded: false);
        (await surface.Http.GetAsync("/health/live", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await surface.Http.GetAsync("/health/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var chat = await surface.PostAsync("/v1/chat/completions", Surface.Chat());
        chat.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        chat.Headers.GetValues("Retry-After").ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_loaded_worker_is_ready_and_tells_its_model_and_load()
    {
        await using var surface = await Surface.StartAsync(_ => new GatedBackend());
        (await surface.Http.GetAsync("/health/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await surface.Http.GetStringAsync("/internal/load", Cancellation)).ShouldBe("""{"running":1,"waiting":2,"cache_usage":0.5,"steps":7}""");
        (await surface.Http.GetStringAsync("/v1/models", Cancellation)).ShouldContain("\"id\":\"tiny-chat\"");
        (await surface.Http.GetAsync("/v1/models/other", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"n\":3")]
    public async Task A_client_that_leaves_ends_its_sequences(string extra)
    {
        var backend = new GatedBackend();
        await using var surface = await Surface.StartAsync(_ => backend);
        using var leave = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Surface.Chat(",\"stream\":true" + extra), System.Text.Encoding.UTF8, "application/json"),
        };
        using (var response = await surface.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            await leave.CancelAsync();
        }

        await backend.Left.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task Stopping_lets_a_running_stream_finish()
    {
        var backend = new GatedBackend();
        await using var surface = await Surface.StartAsync(_ => backend);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Surface.Chat(",\"stream\":true"), System.Text.Encoding.UTF8, "application/json"),
        };
        using var response = await surface.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        var stopping = surface.App.StopAsync(Cancellation);
        stopping.IsCompleted.ShouldBeFalse();
        backend.Gate.SetResult();

        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldEndWith("data: [DONE]\n\n");
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task A_request_id_is_taken_over_when_it_is_one()
    {
        await using var surface = await Surface.StartAsync(_ => new GatedBackend());
        (await Asked("my-id.1")).ShouldBe("my-id.1");
        (await Asked("not an id")).ShouldStartWith("req_");

        async Task<string> Asked(string id)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
            request.Headers.TryAddWithoutValidation("x-request-id", id);
            using var response = await surface.Http.SendAsync(request, Cancellation);
            return response.Headers.GetValues("x-request-id").Single();
        }
    }
}
