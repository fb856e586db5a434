using System.Net;
using Gateway.Pulling;

namespace Gateway.Tests.Pulling;

/// <summary>A hub that misbehaves, and what the one who pulls is told.</summary>
public class FaultTests
{
    private static Func<HubRequest, Microsoft.AspNetCore.Http.HttpContext, Task<bool>> Answer(Func<HubRequest, bool> when, int status, params (string Name, string Value)[] headers) => (request, http) =>
    {
        if (!when(request)) return Task.FromResult(false);
        http.Response.StatusCode = status;
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;
        return Task.FromResult(true);
    };

    [Theory]
    [InlineData(401, "", "HF_TOKEN")]
    [InlineData(403, "", "HF_TOKEN")]
    [InlineData(403, "GatedRepo", "gated")]
    [InlineData(404, "", "404")]
    [InlineData(404, "RevisionNotFound", "no revision 'main'")]
    [InlineData(418, "", "418")]
    public async Task A_refusal_is_told_once_and_not_asked_again(int status, string code, string expected)
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Fault = Answer(_ => true, status, ("X-Error-Code", code));

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain(expected);

        bench.Hub.Requests.Count.ShouldBe(1);
        bench.LeftOvers().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Retry-After", "7")]
    [InlineData("RateLimit", "\"resolvers\";r=0;t=7")]
    public async Task A_busy_hub_is_given_the_time_that_it_asks_for(string header, string value)
    {
        await using var bench = await PullBench.StartAsync();
        var refusals = 0;
        bench.Hub.Fault = Answer(request => request.Path == "config.json" && refusals++ < 2, 429, (header, value));

        await bench.PullAsync();

        bench.Time.Pauses.Count(pause => pause == TimeSpan.FromSeconds(7)).ShouldBe(2);
        bench.Published().ShouldContain("config.json");
    }

    [Fact]
    public async Task A_hub_that_asks_for_an_hour_is_believed_and_left_alone()
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Fault = Answer(request => request.Path == "config.json", 429, ("Retry-After", "3600"));

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("1 h 0 min");
    }

    [Fact]
    public async Task A_hub_that_stays_broken_ends_the_pull_after_its_attempts_with_longer_and_longer_pauses()
    {
        await using var bench = await PullBench.StartAsync(options => options with { Attempts = 4, Connections = 1 });
        bench.Hub.Fault = Answer(request => request.Path == "config.json", 503);

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("503");

        bench.Time.Pauses.ShouldBe([TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)]);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_is_named()
    {
        await using var bench = await PullBench.StartAsync(options => options with { Attempts = 2 });
        await bench.Hub.DisposeAsync();

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("cannot be reached");
    }

    [Fact]
    public async Task A_page_that_is_no_hub_is_said_to_be_none()
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Fault = Answer(_ => true, 200);

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("Gateway:Hub:Address");
    }

    [Fact]
    public async Task A_connection_that_falls_silent_is_given_up_and_made_again()
    {
        await using var bench = await PullBench.StartAsync(options => options with { IdleTimeout = TimeSpan.FromMilliseconds(300), Connections = 1 });
        bench.Time.Limit = TimeSpan.FromMilliseconds(300);
        var silences = 0;
        bench.Hub.Send = async (request, http, body) =>
        {
            var silent = request.Path == "model.safetensors" && silences++ == 0;
            await http.Response.Body.WriteAsync(silent ? body[..50_000] : body);
            await http.Response.Body.FlushAsync();
            if (silent) await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };

        await bench.PullAsync();

        bench.Said.ShouldContain(line => line.Contains("nothing of model.safetensors came"));
        bench.Downloads()[^1].Range.ShouldMatch("^bytes=[1-9][0-9]*-1048575$");
    }

    [Fact]
    public async Task A_slow_drip_is_borne()
    {
        await using var bench = await PullBench.StartAsync(options => options with { Connections = 1 });
        bench.Hub.Send = async (_, http, body) =>
        {
            for (var i = 0; i < body.Length; i += 4001)
            {
                await http.Response.Body.WriteAsync(body[i..Math.Min(body.Length, i + 4001)]);
                await http.Response.Body.FlushAsync();
            }
        };

        await bench.PullAsync();

        bench.Downloads().Count.ShouldBe(2);
        bench.Published().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_is_read_from_its_start()
    {
        await using var bench = await PullBench.StartAsync(options => options with { PartBytes = 100_000, Connections = 3 });
        bench.Hub.KnowsRanges = false;

        await bench.PullAsync();

        bench.Published().ShouldContain("model.safetensors");
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_no_one_whom_it_redirects_to()
    {
        await using var bench = await PullBench.StartAsync();
        bench.Token = "hf_secret";

        await bench.PullAsync();

        bench.Hub.Requests.ShouldContain(request => request.Server == "store");
        foreach (var request in bench.Hub.Requests) request.Authorization.ShouldBe(request.Server == "hub" ? "Bearer hf_secret" : "");
        foreach (var line in bench.Said) line.ShouldNotContain("hf_secret");
        foreach (var file in Directory.EnumerateFiles(bench.Models, "*", SearchOption.AllDirectories)) File.ReadAllText(file).ShouldNotContain("hf_secret");
    }

    [Theory]
    [InlineData("file:///etc/passwd", "not followed")]
    [InlineData("", "without saying where")]
    [InlineData("/org/model/resolve/main/model.safetensors", "redirects more than")]
    public async Task A_redirect_that_leads_nowhere_good_is_not_followed(string location, string expected)
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Fault = (request, http) =>
        {
            if (request.Path != "model.safetensors") return Task.FromResult(false);
            http.Response.StatusCode = (int)HttpStatusCode.Found;
            if (location.Length > 0) http.Response.Headers.Location = location;
            return Task.FromResult(true);
        };

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("../outside.json")]
    [InlineData("a/../../outside.json")]
    [InlineData("/etc/outside.json")]
    [InlineData("..\\outside.json")]
    [InlineData("C:outside.json")]
    [InlineData("a//b.json")]
    [InlineData("nul.json")]
    [InlineData("a\u001b[2J.json")]
    public async Task A_name_that_could_lead_elsewhere_refuses_the_model(string name)
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Files[name] = [1];

        var refused = await Should.ThrowAsync<PullException>(() => bench.PullAsync("org/model:*.json"));

        refused.Message.ShouldContain("could be written elsewhere");
        refused.Message.ShouldNotContain("\u001b");
        bench.Published().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_disk_is_noticed_before_the_first_byte()
    {
        await using var bench = await PullBench.StartAsync();
        bench.FreeBytes = 1_000_000;

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("1.00 MB free");

        bench.Downloads().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_another_than_was_listed_is_noticed()
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Fault = (request, _) =>
        {
            if (request.Path == "model.safetensors") bench.Hub.Files["model.safetensors"] = FakeHub.Content(1_048_576, 99);
            return Task.FromResult(false);
        };

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("has changed on the hub");
        bench.Published().ShouldBeEmpty();
    }
}
