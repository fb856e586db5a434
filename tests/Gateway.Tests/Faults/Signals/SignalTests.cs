using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Gateway.Tests.Faults.Signals;

/// <summary>A gateway that is a process of its own gets a signal while a call stands at each stage.</summary>
public class SignalTests
{
    [Fact]
    public async Task Told_to_stop_it_ends_every_call_whole_and_takes_no_new_one()
    {
        await using var scene = await Scene.OpenAsync("00:01:00");

        await scene.Gateway.SignalAsync("TERM");
        await scene.RefusesAsync();
        await scene.GoOnAsync();

        (await scene.SeenAsync()).ShouldBe([.. Stage.All.Select(stage => stage.InTime)]);
        (await scene.ExitCodeAsync()).ShouldBe(0, scene.Gateway.Log);
    }

    [Fact]
    public async Task Calls_that_do_not_end_in_time_are_told_so_and_their_upstreams_are_left()
    {
        await using var scene = await Scene.OpenAsync("00:00:00.2");

        await scene.Gateway.SignalAsync("TERM");

        (await scene.SeenAsync()).ShouldBe([.. Stage.All.Select(stage => stage.Late)]);
        await scene.LeftAsync();
        (await scene.ExitCodeAsync()).ShouldBe(0, scene.Gateway.Log);
        scene.Recorded().ShouldBe([.. Stage.All.Select(stage => stage.Recorded)], scene.Gateway.Log);
    }

    [Fact]
    public async Task Killed_it_leaves_every_upstream_at_once_cuts_every_answer_and_frees_its_port()
    {
        await using var scene = await Scene.OpenAsync("00:01:00");

        await scene.Gateway.SignalAsync("KILL");

        await scene.LeftAsync();
        (await scene.SeenAsync()).ShouldBe([.. Stage.All.Select(stage => stage.Killed)]);
        await scene.ExitCodeAsync();
        using var next = new TcpListener(IPAddress.Loopback, scene.Gateway.Address.Port);
        next.Start();
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly TemporaryFolder folder = new();
        private readonly List<StagedCall> calls = [.. Stage.All.Select(stage => new StagedCall(stage))];

        public GatewayProcess Gateway { get; private set; } = null!;

        public static async Task<Scene> OpenAsync(string shutdownTimeout)
        {
            var scene = new Scene();
            var settings = Path.Combine(scene.folder.Path, "settings.json");
            await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
            {
                Gateway = new
                {
                    EmbeddedModel = false,
                    ModelsFolder = scene.folder.Path,
                    ShutdownTimeout = shutdownTimeout,
                    Upstreams = scene.calls.Index().ToDictionary(entry => $"u{entry.Index}", entry => new { Address = new Uri(entry.Item.Address, "v1") }),
                    Models = scene.calls.Index().ToDictionary(entry => $"m{entry.Index}", entry => new { Targets = (object[])[new { Upstream = $"u{entry.Index}" }] }),
                },
            }));
            try
            {
                scene.Gateway = await GatewayProcess.StartAsync("--config", settings);
                await Task.WhenAll(scene.calls.Select((call, at) => call.ReachAsync(scene.Gateway.Address, $"m{at}"))).WaitAsync(TimeSpan.FromSeconds(60));
                return scene;
            }
            catch
            {
                await scene.DisposeAsync();
                throw;
            }
        }

        /// <summary>Returns once nobody can connect any more.</summary>
        public async Task RefusesAsync()
        {
            using var knocking = new HttpClient { BaseAddress = Gateway.Address, DefaultRequestHeaders = { ConnectionClose = true } };
            await Should.ThrowAsync<HttpRequestException>(async () =>
            {
                while (true) (await knocking.GetAsync("health/live")).Dispose();
            });
        }

        public Task GoOnAsync() => Task.WhenAll(calls.Select((call, at) => call.GoOnAsync($"m{at}")));

        public async Task<string[]> SeenAsync() => await Task.WhenAll(calls.Select(call => call.SeenAsync()));

        public Task LeftAsync() => Task.WhenAll(calls.Select(call => call.Left)).WaitAsync(TimeSpan.FromSeconds(20));

        /// <summary>The reasons of each call's log line; empty where it has none.</summary>
        public string[] Recorded() => [.. calls.Select((_, at) => Gateway.Log.Split('\n').FirstOrDefault(line => line.Contains($" m{at} ", StringComparison.Ordinal) && line.Contains(" after ", StringComparison.Ordinal)) is { } line ? Rows.Reasons(line[line.IndexOf($" m{at} ", StringComparison.Ordinal)..]) : "")];

        public async Task<int> ExitCodeAsync()
        {
            await Gateway.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            return Gateway.Process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            if (Gateway is not null) await Gateway.DisposeAsync();
            foreach (var call in calls) await call.DisposeAsync();
            folder.Dispose();
        }
    }
}
