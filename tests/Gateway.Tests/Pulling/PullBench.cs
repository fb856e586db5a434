using System.Collections.Concurrent;
using Gateway.Pulling;

namespace Gateway.Tests.Pulling;

/// <summary>A hub with a model of one megabyte, a folder to pull into, and pauses that take no time.</summary>
internal sealed class PullBench : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HubOptions options;

    private PullBench(FakeHub hub, HubOptions options) => (Hub, this.options) = (hub, options);

    public FakeHub Hub { get; }

    public string Models => folder.Path;

    public string? Token { get; set; }

    public long FreeBytes { get; set; } = long.MaxValue;

    public ConcurrentQueue<string> Said { get; } = new();

    public HurriedTime Time { get; } = new();

    public static async Task<PullBench> StartAsync(Func<HubOptions, HubOptions>? options = null)
    {
        var hub = await FakeHub.StartAsync();
        hub.Files["config.json"] = FakeHub.Content(300, 1);
        hub.Files["model.safetensors"] = FakeHub.Content(1_048_576, 2);
        var usual = new HubOptions { Address = hub.Address, Connections = 2 };
        return new PullBench(hub, options?.Invoke(usual) ?? usual);
    }

    public async Task<string> PullAsync(string model = "org/model", CancellationToken cancellation = default)
    {
        using var connection = new HubConnection(options.BaseAddress, Token);
        return await new ModelPull(new HubClient(connection, options, Time), options, Time, _ => FreeBytes)
            .RunAsync(Models, PullRequest.For(ModelReference.Parse(model)), new PullProgress { Said = Said.Enqueue }, cancellation);
    }

    /// <summary>Files that callers of the models folder see.</summary>
    public IReadOnlyList<string> Published(string name = "model")
    {
        var target = Path.Combine(Models, name);
        return Directory.Exists(target) ? [.. Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(target, path)).Where(path => path != ".pulled.json")] : [];
    }

    /// <summary>What lies in the models folder besides models.</summary>
    public IReadOnlyList<string> LeftOvers() => [.. Directory.EnumerateFileSystemEntries(Models, ".*").Select(path => Path.GetFileName(path)!)];

    /// <summary>Requests that carried a file's bytes.</summary>
    public IReadOnlyList<HubRequest> Downloads() => [.. Hub.Requests.Where(request => !request.Path.StartsWith('/') && (request.Server == "store" || Hub.Files[request.Path].Length < Hub.LargeBytes))];

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        folder.Dispose();
    }
}
