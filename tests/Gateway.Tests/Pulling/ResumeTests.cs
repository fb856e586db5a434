using System.Diagnostics;
using System.Globalization;
using Gateway.Pulling;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Pulling;

/// <summary>A pull that ended early, by whatever, and the next one.</summary>
public class ResumeTests
{
    /// <summary>The large file's first half comes, then nothing, and then the hub refuses.</summary>
    private static void BreakInTheMiddle(PullBench bench)
    {
        bench.Hub.Send = async (request, http, body) =>
        {
            if (request.Path != "model.safetensors")
            {
                await http.Response.Body.WriteAsync(body);
                return;
            }

            await http.Response.Body.WriteAsync(body[..(body.Length / 2)]);
            await http.Response.Body.FlushAsync();
            bench.Hub.Fault = Refuse;
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };

        static Task<bool> Refuse(HubRequest request, HttpContext http)
        {
            http.Response.StatusCode = 403;
            return Task.FromResult(request.Path == "model.safetensors");
        }
    }

    private static async Task<PullBench> BrokenAsync()
    {
        var silence = TimeSpan.FromMilliseconds(300);
        var bench = await PullBench.StartAsync(options => options with { Connections = 1, IdleTimeout = silence });
        bench.Time.Limit = silence;
        BreakInTheMiddle(bench);
        await Should.ThrowAsync<PullException>(() => bench.PullAsync());
        bench.Published().ShouldBeEmpty();
        (bench.Hub.Fault, bench.Hub.Send) = (null, null);
        return bench;
    }

    /// <summary>The request for what the log says is missing.</summary>
    private static string Rest(PullBench bench)
    {
        var kept = File.ReadAllText(LogOf(bench)).Split('\n').Skip(1).Select(line => line.Split(' ')).Where(range => range.Length == 2).Max(range => int.Parse(range[1], CultureInfo.InvariantCulture));
        kept.ShouldBeInRange(1, 524_288);
        return string.Create(CultureInfo.InvariantCulture, $"bytes={kept}-1048575");
    }

    private static string LogOf(PullBench bench) => Path.Combine(bench.Models, ".model.pulling", "state", "model.safetensors.log");

    [Fact]
    public async Task The_next_pull_asks_only_for_what_is_missing()
    {
        await using var bench = await BrokenAsync();
        var (before, rest) = (bench.Downloads().Count, Rest(bench));

        var folder = await bench.PullAsync();

        bench.Downloads().Skip(before).ShouldHaveSingleItem().Range.ShouldBe(rest);
        File.ReadAllBytes(Path.Combine(folder, "model.safetensors")).ShouldBe(bench.Hub.Files["model.safetensors"]);
        bench.LeftOvers().ShouldBeEmpty();
    }

    [Fact]
    public async Task Parts_are_kept_across_commits_where_the_file_is_the_same_and_thrown_away_where_it_changed()
    {
        await using var bench = await BrokenAsync();
        bench.Hub.Commit = new string('b', 40);
        bench.Hub.Files["config.json"] = FakeHub.Content(300, 77);
        var (before, rest) = (bench.Downloads().Count, Rest(bench));

        await bench.PullAsync();

        bench.Downloads().Skip(before).Select(request => (request.Path, request.Range)).ShouldBe([("config.json", ""), ("model.safetensors", rest)], ignoreOrder: true);
        File.ReadAllBytes(Path.Combine(bench.Models, "model", "config.json")).ShouldBe(bench.Hub.Files["config.json"]);
    }

    [Fact]
    public async Task A_file_that_changed_between_attempts_is_pulled_from_its_start()
    {
        await using var bench = await BrokenAsync();
        bench.Hub.Files["model.safetensors"] = FakeHub.Content(1_048_576, 5);

        var folder = await bench.PullAsync();

        File.ReadAllBytes(Path.Combine(folder, "model.safetensors")).ShouldBe(bench.Hub.Files["model.safetensors"]);
    }

    [Fact]
    public async Task A_part_that_rotted_on_the_disk_is_found_by_its_checksum_and_pulled_anew()
    {
        await using var bench = await BrokenAsync();
        var part = Path.Combine(bench.Models, ".model.pulling", "state", "model.safetensors.part");
        await using (var file = File.OpenWrite(part)) file.Write([1, 2, 3, 4, 5, 6, 7, 8]);

        var folder = await bench.PullAsync();

        bench.Said.ShouldContain(line => line.Contains("pulled anew"));
        File.ReadAllBytes(Path.Combine(folder, "model.safetensors")).ShouldBe(bench.Hub.Files["model.safetensors"]);
    }

    [Theory]
    [InlineData("5242")]
    [InlineData("nonsense\n")]
    [InlineData("10 5\n")]
    [InlineData("0 99999999999\n")]
    [InlineData("-5 7\n")]
    public async Task A_log_that_was_cut_or_damaged_is_believed_as_far_as_it_makes_sense(string tail)
    {
        await using var bench = await BrokenAsync();
        var rest = Rest(bench);
        await File.AppendAllTextAsync(LogOf(bench), tail);

        var folder = await bench.PullAsync();

        bench.Downloads()[^1].Range.ShouldBe(rest);
        File.ReadAllBytes(Path.Combine(folder, "model.safetensors")).ShouldBe(bench.Hub.Files["model.safetensors"]);
    }

    [Fact]
    public async Task A_pull_of_what_is_there_downloads_nothing_and_an_update_only_what_changed()
    {
        await using var bench = await PullBench.StartAsync();
        await bench.PullAsync();
        var first = bench.Downloads().Count;

        await bench.PullAsync();
        bench.Downloads().Count.ShouldBe(first);

        bench.Hub.Commit = new string('b', 40);
        bench.Hub.Files["config.json"] = FakeHub.Content(200, 8);
        await bench.PullAsync();

        bench.Downloads().Skip(first).ShouldHaveSingleItem().Path.ShouldBe("config.json");
        File.ReadAllBytes(Path.Combine(bench.Models, "model", "config.json")).ShouldBe(bench.Hub.Files["config.json"]);
        bench.LeftOvers().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_that_another_put_there_is_not_touched()
    {
        await using var bench = await PullBench.StartAsync();
        Directory.CreateDirectory(Path.Combine(bench.Models, "model"));

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("--name");
    }

    [Fact]
    public async Task Two_pulls_of_one_model_do_not_meet()
    {
        await using var bench = await PullBench.StartAsync();
        using var other = PullFolders.Open(bench.Models, "model");

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("another pull");
    }

    [Fact]
    public async Task A_process_killed_in_the_middle_publishes_nothing_and_the_next_goes_on()
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Files["model.safetensors"] = FakeHub.Content(6 << 20, 3);
        var log = LogOf(bench);
        bench.Hub.Send = async (request, http, body) =>
        {
            await http.Response.Body.WriteAsync(request.Path == "model.safetensors" ? body[..(4 << 20)] : body, http.RequestAborted);
            await http.Response.Body.FlushAsync();
            if (request.Path == "model.safetensors") await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        using (var pull = Process.Start(new ProcessStartInfo("dotnet", [typeof(PullCommand).Assembly.Location, "pull", "org/model", $"--Gateway:Hub:Address={bench.Hub.Address}", $"--Gateway:ModelsFolder={bench.Models}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            // Its header and a line for each of the first three megabytes.
            while (!File.Exists(log) || (await ReadSharedAsync(log)).Count(c => c == '\n') < 4)
            {
                pull.HasExited.ShouldBeFalse();
                await Task.Yield();
            }

            pull.Kill();
            await pull.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        bench.Published().ShouldBeEmpty();
        bench.Hub.Send = null;
        var folder = await bench.PullAsync();

        var rest = bench.Downloads()[^1];
        (rest.Path, long.Parse(rest.Range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture) >= 3 << 20).ShouldBe(("model.safetensors", true));
        File.ReadAllBytes(Path.Combine(folder, "model.safetensors")).ShouldBe(bench.Hub.Files["model.safetensors"]);
        bench.LeftOvers().ShouldBeEmpty();
    }

    private static async Task<string> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }
}
