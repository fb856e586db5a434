using System.Reflection;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Torch;
using Gateway.Load;

switch (args)
{
    case ["door-upstream"]:
        await Gateway.Load.Door.Servers.UpstreamAsync();
        return;
    case ["door-yarp", var to, var destinations, var threads]:
        await Gateway.Load.Door.Servers.YarpAsync(to, int.Parse(destinations), onSocketThread: threads == "socket");
        return;
    case ["door", .. var parts]:
        await Gateway.Load.Door.DoorBench.RunAsync(Path.Combine(Root(), "gateway", "bin", Configuration(), "net10.0", "Gateway.dll"), parts);
        return;
}

// dotnet run -c Release --project tests/load [-- MODEL_FOLDER [TOKENS [ROUNDS]]]
// Streams through the real gateway against the same engine called directly, in turn, in one run.
var folder = Path.GetFullPath(args.Length > 0 ? args[0] : Path.Combine(Root(), "backends", "Models", "tiny-chat"));
var tokens = args.Length > 1 ? int.Parse(args[1]) : 256;
var rounds = args.Length > 2 ? int.Parse(args[2]) : 5;
var name = Path.GetFileName(folder);
int[] prompt = [.. Enumerable.Range(0, 32).Select(i => 300 + (i * 37 % 1000))];
using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(20));

await using var gateway = await GatewayProcess.StartAsync(
    Path.Combine(Root(), "gateway", "bin", Configuration(), "net10.0", "Gateway.dll"), [$"--Gateway:Models:{name}:Path={folder}"], stop.Token);
using var http = new HttpStreams(gateway.Address);
await http.RunAsync(name, prompt, 8, 1, stop.Token);
Console.WriteLine($"{name}: ready after {gateway.Ready.TotalSeconds:F2} s (health), gateway and workers {gateway.ResidentMegabytes():F0} MB resident when warm");

using var opened = ModelFolder.Open(folder);
using var runner = TorchRunner.Load(opened, new TorchOptions());
await using var backend = new BatchingBackend(runner, new ModelCard(name, "llama", runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch"), new BatchingOptions(), TimeProvider.System);
var engine = new EngineStreams(backend);

foreach (var streams in (int[])[1, 16])
{
    // One uncounted turn each: kernels compile and caches fill.
    await engine.RunAsync(prompt, tokens, streams, stop.Token);
    await http.RunAsync(name, prompt, tokens, streams, stop.Token);
    var pairs = new List<(Measured Engine, Measured Http)>();
    for (var round = 0; round < rounds; round++)
        pairs.Add((await engine.RunAsync(prompt, tokens, streams, stop.Token), await http.RunAsync(name, prompt, tokens, streams, stop.Token)));

    var ratio = Median(pairs.Select(p => p.Http.TokensPerSecond / p.Engine.TokensPerSecond));
    var added = Median(pairs.Select(p => (p.Http.FirstToken - p.Engine.FirstToken).TotalMilliseconds));
    Console.WriteLine($"{streams,2} streams: engine {Median(pairs.Select(p => p.Engine.TokensPerSecond)):F0} tok/s, HTTP {Median(pairs.Select(p => p.Http.TokensPerSecond)):F0} tok/s, " +
                      $"HTTP/engine {ratio:F3}; first token: engine {Median(pairs.Select(p => p.Engine.FirstToken.TotalMilliseconds)):F1} ms, added by HTTP {added:F1} ms");
}

static double Median(IEnumerable<double> values)
{
    var sorted = values.Order().ToList();
    return sorted[sorted.Count / 2];
}

static string Configuration() => typeof(Measured).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

static string Root()
{
    var folder = new DirectoryInfo(AppContext.BaseDirectory);
    while (!File.Exists(Path.Combine(folder!.FullName, "Gateway.sln"))) folder = folder.Parent;
    return folder.FullName;
}
