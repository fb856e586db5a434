using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace Gateway.Load.Door;

/// <summary>
/// The gateway before an upstream that answers at once, against YARP with nothing around it, in turn, each on one core of its own. What
/// counts is processor time a request, because a shared machine's clock says little.
/// </summary>
internal static class DoorBench
{
    private const string Body = """{"model":"m0","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Say something about foxes."}],"temperature":0.2,"max_tokens":64}""";
    private const string Key = "sk-load-0123456789abcdef0123456789abcdef";
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(4);
    private static readonly double[] Parts = [0.5, 0.9, 0.99, 0.999];

    /// <param name="program">The gateway's assembly.</param>
    /// <param name="what">Parts to run: speed, allocations, first, models, upstreams, keys, streams, portkey; all where empty.</param>
    public static async Task RunAsync(string program, string[] what)
    {
        bool Wants(string part) => what.Length == 0 || what.Contains(part);
        var self = Environment.ProcessPath!;
        if (OperatingSystem.IsLinux()) Process.GetCurrentProcess().ProcessorAffinity = 2; // with the upstream, so that the server's core is its own
        TakeVariables(program);
        await using var upstream = await Served.StartAsync(1, self, "door-upstream");
        if (Wants("speed") || Wants("allocations"))
        {
            await using var yarp = await YarpAsync(upstream.Port);
            await using var gateway = await GatewayAsync(program, upstream.Port, models: 1, upstreams: 1);
            if (Wants("speed"))
            {
                await using var inline = await YarpAsync(upstream.Port, onSocketThread: true);
                await SpeedAsync("without keys", yarp, inline, gateway);
                await using var keyed = await GatewayAsync(program, upstream.Port, models: 1, upstreams: 1, keyed: true);
                await SpeedAsync("with a key, its limits and a budget", yarp, inline, keyed, "Authorization: Bearer " + Key);
            }

            if (Wants("allocations")) await AllocationsAsync(yarp, gateway);
        }

        if (Wants("first")) await FirstAsync(program);
        if (Wants("models")) await ModelsAsync(program, upstream.Port);
        if (Wants("upstreams")) await UpstreamsAsync(program, upstream.Port);
        if (Wants("keys")) await KeysAsync(program, upstream.Port);
        if (Wants("streams")) await StreamsAsync(program, upstream.Port);
        if (Wants("portkey")) await PortkeyAsync(program, upstream.Port);
    }

    // What `dotnet run` sets for the gateway, all servers have.
    private static void TakeVariables(string program)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(program)!, "..", "..", "..", "Properties", "launchSettings.json")));
        foreach (var variable in settings.RootElement.GetProperty("profiles").GetProperty("gateway").GetProperty("environmentVariables").EnumerateObject())
            Environment.SetEnvironmentVariable(variable.Name, variable.Value.GetString());
    }

    // Usage of each call is recorded in both. YARP as it comes, and told to use the sockets' thread as the gateway does.
    private static async Task SpeedAsync(string what, Served yarp, Served inline, Served gateway, params string[] headers)
    {
        var seen = new List<(double Yarp, double Inline, double Gateway)>();
        await WarmAsync(() => CostAsync(yarp), () => CostAsync(inline), () => CostAsync(gateway, headers));
        for (var round = 0; round < 7; round++) seen.Add((await MicrosecondsAsync(CostAsync(yarp)), await MicrosecondsAsync(CostAsync(inline)), await MicrosecondsAsync(CostAsync(gateway, headers))));
        Console.WriteLine($"plain, 32 connections, {what}: YARP {Median(seen.Select(static of => of.Yarp)):F1} µs a request, on the sockets' thread {Median(seen.Select(static of => of.Inline)):F1}, gateway {Median(seen.Select(static of => of.Gateway)):F1}; "
            + $"{Median(seen.Select(static of => of.Yarp / of.Gateway)):F2} and {Median(seen.Select(static of => of.Inline / of.Gateway)):F2} of YARP's requests on one core");
    }

    // Until the compiler has little left to do in any of them, but not for ever.
    private static async Task WarmAsync(params Func<Task<(ProcessorTime Used, int Answers)>>[] servers)
    {
        const int Quiet = 3, Most = 40;
        for (var (round, quiet) = (0, 0); round < Most && quiet < Quiet; round++)
        {
            quiet++;
            foreach (var server in servers)
            {
                var (used, _) = await server();
                if (used.Compiling > used.Work * 0.02) quiet = 0;
            }
        }
    }

    // Of one answer.
    private static async Task<double> MicrosecondsAsync(Task<(ProcessorTime Used, int Answers)> cost)
    {
        var (used, answers) = await cost;
        return used.Work.TotalMicroseconds / answers;
    }

    private static Task<(ProcessorTime Used, int Answers)> CostAsync(Served server, params string[] headers) => CostAsync(server, new RawLoad(server.Port, "/v1/chat/completions", Body, headers));

    private static async Task<(ProcessorTime Used, int Answers)> CostAsync(Served server, RawLoad load)
    {
        var before = server.Used;
        var answers = await load.RunAsync(32, Round);
        return (server.Used - before, answers);
    }

    // Of a plain answer as a whole, and of one chunk more in a stream.
    private static async Task AllocationsAsync(Served yarp, Served gateway)
    {
        var shorter = StreamOf(tokens: 8);
        var longer = StreamOf(tokens: 136);
        foreach (var (server, name, at) in ((Served, string, string)[])[(yarp, "YARP", "/allocated"), (gateway, "gateway", "/metrics")])
        {
            foreach (var warm in (string[])[Body, shorter, longer]) _ = await AllocatedAsync(server, at, warm);
            var (plain, few, many) = (await AllocatedAsync(server, at, Body), await AllocatedAsync(server, at, shorter), await AllocatedAsync(server, at, longer));
            Console.WriteLine($"allocated by {name}: {plain / 1024:F1} KB for a plain answer, {few / 1024:F1} KB for a stream of 8 chunks, {(many - few) / 128:F0} bytes for one chunk more");
        }
    }

    private static string StreamOf(int tokens) => Body.Replace("\"max_tokens\":64", $"\"max_tokens\":{tokens},\"seed\":1,\"stream\":true", StringComparison.Ordinal);

    // For each answer, until what it left to do is done too: usage is written behind the calls.
    private static async Task<double> AllocatedAsync(Served server, string at, string body)
    {
        var before = await SettledAsync(server, at);
        var answers = await new RawLoad(server.Port, "/v1/chat/completions", body).RunAsync(16, Round);
        return (await SettledAsync(server, at) - before) / answers;
    }

    private static async Task<double> SettledAsync(Served server, string at)
    {
        const double Little = 512 << 10; // a second; the page that says so takes some itself
        for (var before = await server.AllocatedAsync(at); ;)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var now = await server.AllocatedAsync(at);
            if (now - before < Little) return now;
            before = now;
        }
    }

    // Another gateway's answers on the same core; it is one process of one thread as well.
    private static async Task PortkeyAsync(string program, int upstream)
    {
        await using var portkey = await Portkey.StartAsync();
        await using var gateway = await GatewayAsync(program, upstream, models: 1, upstreams: 1);
        string[] headers = ["x-portkey-provider: openai", $"x-portkey-custom-host: http://127.0.0.1:{upstream}/v1", "Authorization: Bearer none"];
        var ratios = new List<(double Theirs, double Ours)>();
        await WarmAsync(() => CostAsync(portkey, headers), () => CostAsync(gateway));
        for (var round = 0; round < 5; round++) ratios.Add((await MicrosecondsAsync(CostAsync(portkey, headers)), await MicrosecondsAsync(CostAsync(gateway))));
        var (theirs, ours) = (Median(ratios.Select(static pair => pair.Theirs)), Median(ratios.Select(static pair => pair.Ours)));
        Console.WriteLine($"plain, 32 connections: Portkey {theirs:F1} µs a request, gateway {ours:F1} µs; {Median(ratios.Select(static pair => pair.Theirs / pair.Ours)):F1} times Portkey's requests on one core");
    }

    // Callers and upstream are one thread of this process, on the core that is not the server's.
    private static async Task FirstAsync(string program)
    {
        const int Chunks = 4;
        var body = Body.Replace("\"max_tokens\":64", "\"max_tokens\":4,\"stream\":true", StringComparison.Ordinal);
        using var watch = new CoreWatch(0);
        if (!watch.Sees) Console.WriteLine("first token: when the host takes the server's core away cannot be seen here, and such calls count");
        using var loop = new StreamLoop(watch);
        await using var yarp = await YarpAsync(loop.Port);
        await using var gateway = await GatewayAsync(program, loop.Port, models: 1, upstreams: 1);
        (ProcessorTime, int) Cost(Served server)
        {
            var before = server.Used;
            var answers = loop.Run(server.Port, body, Chunks, Round).All.Length;
            return (server.Used - before, answers);
        }

        await WarmAsync(() => Task.FromResult(Cost(yarp)), () => Task.FromResult(Cost(gateway)));
        foreach (var share in (double[])[0.25, 0.5])
        {
            var rates = new List<double>();
            var added = new Dictionary<string, List<double[]>> { ["YARP"] = [], ["gateway"] = [] };
            for (var round = 0; round < 9; round++)
            {
                // The most is another in each minute of a shared machine.
                var most = loop.Run(gateway.Port, body, Chunks, Round);
                var rate = most.All.Length / most.Elapsed.TotalSeconds * share;
                rates.Add(rate);
                var bare = loop.Run(loop.Port, body, Chunks, Round, rate);
                foreach (var (name, server) in ((string, Served)[])[("YARP", yarp), ("gateway", gateway)])
                {
                    var through = loop.Run(server.Port, body, Chunks, Round, rate);
                    if (through.Undisturbed.Length < through.All.Length / 2 || bare.Undisturbed.Length < bare.All.Length / 2) continue; // the host had the machine
                    added[name].Add([.. Parts.Select(part => At(through.Undisturbed, part) - At(bare.Undisturbed, part)), At(through.All, 0.99) - At(bare.Undisturbed, 0.99), 100 - (100.0 * through.Undisturbed.Length / through.All.Length)]);
                }
            }

            foreach (var (name, seen) in added)
            {
                if (seen.Count == 0)
                {
                    Console.WriteLine($"first token through {name} at {share:P0} of the gateway's most: the machine's host left no round to see it in");
                    continue;
                }

                string Seen(int index) => $"{Median(seen.Select(of => of[index])):F2} ms ({seen.Min(of => of[index]):F2} to {seen.Max(of => of[index]):F2})";
                var parts = Parts.Select((part, index) => $"p{part * 100:0.#} {Seen(index)}");
                Console.WriteLine($"first token through {name} at {share:P0} of the gateway's most (median {Median(rates):F0} streams a second, {seen.Count} rounds): added {string.Join(", ", parts)}; p99 with the {Median(seen.Select(static of => of[^1])):F1} % that the machine's host disturbed {Seen(Parts.Length)}");
            }
        }
    }

    private static async Task ModelsAsync(string program, int upstream)
    {
        // Both are fresh: a process that has run for longer has been compiled better.
        await using var small = await GatewayAsync(program, upstream, models: 1, upstreams: 1);
        await using var large = await GatewayAsync(program, upstream, models: 10_000, upstreams: 1);
        Console.WriteLine($"growth: 10,000 models: {await GrowthAsync(() => CostAsync(small), () => CostAsync(large))} of the processor time of one");
    }

    private static async Task UpstreamsAsync(string program, int upstream)
    {
        // Two processes of one program differ by several per cent, by what their compilers saw first: so one process has both models, and only the first has a thousand.
        var one = Body.Replace("\"m0\"", "\"m1\"", StringComparison.Ordinal);
        foreach (var scattered in (bool[])[false, true])
        {
            await using var gateway = await GatewayAsync(program, upstream, models: 2, upstreams: 1_000, scattered: scattered);
            Console.WriteLine($"growth: 1,000 upstreams of a model at {(scattered ? "addresses of their own" : "one address")}: {await GrowthAsync(() => CostAsync(gateway, new RawLoad(gateway.Port, "/v1/chat/completions", one)), () => CostAsync(gateway))} of the processor time of one");
        }

        // What as many connections cost whoever holds them.
        await using var yarp = await YarpAsync(upstream, 1_000, onSocketThread: true);
        Console.WriteLine($"growth: YARP with nothing around it, 1,000 destinations: {await GrowthAsync(() => CostAsync(yarp, new RawLoad(yarp.Port, "/one", Body)), () => CostAsync(yarp))} of the processor time of one");
    }

    private static async Task<string> GrowthAsync(Func<Task<(ProcessorTime Used, int Answers)>> small, Func<Task<(ProcessorTime Used, int Answers)>> large)
    {
        await WarmAsync(small, large);
        var pairs = new List<(double Small, double Large)>();
        for (var round = 0; round < 11; round++) pairs.Add((await MicrosecondsAsync(small()), await MicrosecondsAsync(large())));
        return $"{Median(pairs.Select(static pair => pair.Large / pair.Small)):F2} ({Median(pairs.Select(static pair => pair.Large)):F1} and {Median(pairs.Select(static pair => pair.Small)):F1} µs)";
    }

    // A thousand keys call in turn, of a thousand and of a million that there are.
    private static async Task KeysAsync(string program, int upstream)
    {
        const int Calling = 1_000;
        var servers = new List<(Served Server, RawLoad Load)>();
        foreach (var count in (int[])[Calling, 1_000_000])
        {
            var database = NewDatabase();
            await using (var first = await GatewayAsync(program, upstream, 1, 1, database: database)) await ManyKeys.MakeOneAsync(first.Port); // and the tables
            await ManyKeys.FillAsync(database, count);
            var server = await GatewayAsync(program, upstream, 1, 1, database: database);
            servers.Add((server, new RawLoad(server.Port, "/v1/chat/completions", Body).InTurn(ManyKeys.Headers(count, Calling))));
        }

        await using var few = servers[0].Server;
        await using var many = servers[1].Server;
        Console.WriteLine($"growth: 1,000,000 keys in the database, {Calling:N0} of them calling: {await GrowthAsync(() => CostAsync(few, servers[0].Load), () => CostAsync(many, servers[1].Load))} of the processor time of {Calling:N0} keys");
    }

    private static string NewDatabase() => Path.Combine(Directory.CreateTempSubdirectory("gateway-load-").FullName, "gateway.db");

    private static async Task StreamsAsync(string program, int upstream)
    {
        const int Streams = 5_000, Tokens = 100, Pause = 20;
        await using var gateway = await GatewayAsync(program, upstream, 1, 1);
        var body = Body.Replace("\"max_tokens\":64", $"\"max_tokens\":{Tokens},\"seed\":{Pause},\"stream\":true", StringComparison.Ordinal);
        var request = RawLoad.Request(gateway.Port, "/v1/chat/completions", body);
        var clock = Stopwatch.StartNew();
        var ends = await Task.WhenAll(Enumerable.Range(0, Streams).Select(async index =>
        {
            await Task.Delay(index / 5); // connections open over a second
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(System.Net.IPAddress.Loopback, gateway.Port);
            await socket.SendAsync(request);
            var buffer = new byte[4 << 10];
            var (total, done) = (0L, false);
            while (!done && await socket.ReceiveAsync(buffer) is > 0 and var read)
            {
                total += read;
                done = buffer.AsSpan(0, read).IndexOf("[DONE]"u8) >= 0 || buffer.AsSpan(0, read).EndsWith("0\r\n\r\n"u8);
            }

            return (Took: clock.Elapsed, Bytes: total, Done: done);
        }));
        Console.WriteLine($"{Streams:N0} streams of {Tokens} tokens, one each {Pause} ms: {ends.Count(static end => end.Done):N0} whole, gateway at most {gateway.PeakMegabytes:F0} MB, {gateway.Used.Work.TotalSeconds:F1} s of processor; first whole after {ends.Min(static end => end.Took).TotalSeconds:F1} s, last after {ends.Max(static end => end.Took).TotalSeconds:F1} s (2 s where nobody waits)");
    }

    private static Task<Served> YarpAsync(int upstream, int destinations = 1, bool onSocketThread = false) =>
        Served.StartAsync(0, [.. onSocketThread ? ["env", "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1"] : Array.Empty<string>(),
            Environment.ProcessPath!, "door-yarp", $"http://127.0.0.1:{upstream}", destinations.ToString(CultureInfo.InvariantCulture), onSocketThread ? "socket" : "pool"]);

    private static async Task<Served> GatewayAsync(string program, int upstream, int models, int upstreams, bool keyed = false, string? database = null, bool scattered = false)
    {
        database ??= NewDatabase();
        var names = Enumerable.Range(0, upstreams).Select(static index => $"u{index}").ToList();
        string HostOf(int index) => scattered ? string.Create(CultureInfo.InvariantCulture, $"127.0.{index / 250}.{1 + (index % 250)}") : "127.0.0.1";
        var settings = new
        {
            Gateway = new
            {
                EmbeddedModel = false,
                ModelsFolder = Path.Combine(Path.GetTempPath(), "no-models"),
                Upstreams = names.Index().ToDictionary(static of => of.Item, of => new { Address = $"http://{HostOf(of.Index)}:{upstream}/v1" }),
                Models = Enumerable.Range(0, models).ToDictionary(static index => $"m{index}", index => new
                {
                    Targets = (index == 0 ? names : names.Take(1)).Select(static name => new { Upstream = name }),
                    Price = new { InputPerMillion = 0.15, OutputPerMillion = 0.6 },
                }),
                Teams = new { load = new { RequestsPerMinute = 100_000_000 } },
                Keys = keyed
                    ? new[] { new { Name = "load", Key, Team = "load", RequestsPerMinute = 100_000_000, TokensPerMinute = 100_000_000_000, RequestsPerDay = 1_000_000_000, MaxConcurrent = 1_000, BudgetPerMonth = 1_000_000m } }
                    : [],
                Database = $"Data Source={database}",
            },
        };
        var file = Path.ChangeExtension(database, ".json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(settings));
        return await Served.StartAsync(0, "dotnet", program, "--config", file, "--urls", "http://127.0.0.1:0");
    }

    private static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
