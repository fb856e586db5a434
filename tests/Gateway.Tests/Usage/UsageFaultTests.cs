using System.Net;
using Gateway.Tests.Doors;
using Gateway.Tests.Telemetry;
using Gateway.Usage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Usage;

/// <summary>Databases that are locked, gone, full or never there: callers notice nothing, and no row is lost or twice.</summary>
public sealed class UsageFaultTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private FakeUpstream upstream = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string File => folder.File("gateway.db");

    private string Database => $"Data Source={File}";

    public async ValueTask InitializeAsync() => upstream = (await FakeUpstream.StartAsync()).ThenJson(200, UsageAnswers.Plain(10, 1));

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    private Task<Door> OpenAsync(params string[] arguments) => UsageDoor.OpenAsync(Database, upstream, arguments: arguments);

    private string[] Spills() => [.. Directory.EnumerateFiles(folder.Path, "*.spill", SearchOption.AllDirectories)];

    private static async Task CallAsync(Door door, int times)
    {
        for (var i = 0; i < times; i++) (await door.FinishAsync()).ShouldBe(HttpStatusCode.OK);
    }

    // Once a row is where it survives: the ends of calls are told a moment after their clients see them.
    private static async Task SpilledAsync(Door door, int rows) => await Eventually.TrueAsync(async () => (await UnauthorizedSeriesAsync(door)).Value("gateway_usage_rows_spilled_total") >= rows);

    private static async Task<Series> UnauthorizedSeriesAsync(Door door)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "metrics") { Headers = { Authorization = new("Bearer", UsageDoor.Admin) } };
        using var answer = await door.Http.SendAsync(request, Cancellation);
        return new Series((await answer.Content.ReadAsStringAsync(Cancellation)).Replace("_total{", "_total{x=\"\",", StringComparison.Ordinal).Replace("_total ", "_total{} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_locked_database_holds_nobody_up_and_gets_its_rows_later()
    {
        await using var door = await OpenAsync();
        await CallAsync(door, 3);
        await door.RowsAsync(3);
        await using (var other = new SqliteConnection(Database + ";Pooling=false"))
        {
            await other.OpenAsync(Cancellation);
            await using (var locks = new SqliteCommand("BEGIN EXCLUSIVE", other)) await locks.ExecuteNonQueryAsync(Cancellation);
            await CallAsync(door, 20);
            await SpilledAsync(door, 20);
            Spills().ShouldHaveSingleItem();
        }

        await Eventually.TrueAsync(() => Spills().Length == 0);
        await door.RowsAsync(23);
    }

    [Fact]
    public async Task A_database_that_is_full_gets_its_rows_later_and_it_is_said_once()
    {
        await using var door = await OpenAsync();
        await CallAsync(door, 1);
        await door.RowsAsync(1);
        await RunAsync("CREATE TRIGGER full BEFORE INSERT ON usage BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");

        await CallAsync(door, 5);
        await SpilledAsync(door, 5);
        await CallAsync(door, 5);
        await SpilledAsync(door, 10);
        await RunAsync("DROP TRIGGER full");

        await Eventually.TrueAsync(() => Spills().Length == 0);
        await door.RowsAsync(11);
        System.Text.RegularExpressions.Regex.Count(door.Log.Text, "cannot be written to the database and waits in .*database or disk is full").ShouldBe(1);
        door.Log.Text.ShouldContain("Usage is written to the database again");
    }

    [Fact]
    public async Task A_database_that_was_deleted_is_made_anew()
    {
        await using var door = await OpenAsync();
        await CallAsync(door, 2);
        await door.RowsAsync(2);

        foreach (var file in Directory.EnumerateFiles(folder.Path, "gateway.db*")) System.IO.File.Delete(file);
        await CallAsync(door, 3);

        await door.RowsAsync(3);
    }

    [Fact]
    public async Task A_gateway_whose_database_cannot_be_opened_serves_and_writes_when_it_can()
    {
        var away = folder.File("later");
        await using var door = await UsageDoor.OpenAsync($"Data Source={Path.Combine(away, "gateway.db")}", upstream, arguments: "--Gateway:Usage:SpillFolder=" + folder.Path);
        await CallAsync(door, 4);
        await SpilledAsync(door, 4);
        (await door.AskAsync("admin/v1/usage"))["data"]!.AsArray().ShouldBeEmpty();

        Directory.CreateDirectory(away);

        await Eventually.TrueAsync(() => Spills().Length == 0);
        await door.RowsAsync(4);
    }

    [Fact]
    public async Task Where_no_file_takes_rows_either_they_wait_in_memory()
    {
        var away = folder.File("later");
        await using var door = await UsageDoor.OpenAsync($"Data Source={Path.Combine(away, "gateway.db")}", upstream);
        await CallAsync(door, 4);
        await Eventually.TrueAsync(() => door.Log.Text.Contains("Usage cannot be written", StringComparison.Ordinal));

        Directory.CreateDirectory(away);

        await door.RowsAsync(4);
        await Eventually.TrueAsync(() => Spills().Length == 0); // there is a place for a file too now
    }

    [Fact]
    public async Task What_a_dead_process_left_is_written_at_the_next_start_and_counts_once()
    {
        var (known, left) = (UsageDoor.Row(), UsageDoor.Row());
        await using (var door = await OpenAsync())
        {
            await door.Services.GetRequiredService<UsageStore>().WriteAsync([known], null, Cancellation);
            await door.RowsAsync(1);
        }

        using (var spill = SpillFile.Open(File + ".usage-dead.spill", FileMode.CreateNew, 1 << 20)) spill.Append([known, left, left with { Stage = UsageStages.Running, Owner = "dead", CompletionTokens = 1 }]);
        await using (var door = await OpenAsync())
        {
            await Eventually.TrueAsync(() => Spills().Length == 0);
            (await door.RowsAsync(2)).Select(row => (string?)row["id"]).ShouldBe([known.Id, left.Id], ignoreOrder: true);
        }
    }

    [Fact]
    public async Task A_program_that_ends_while_its_database_is_away_leaves_its_rows_for_the_next()
    {
        var away = folder.File("later");
        var database = $"Data Source={Path.Combine(away, "gateway.db")}";
        var spills = "--Gateway:Usage:SpillFolder=" + folder.Path;
        await using (var door = await UsageDoor.OpenAsync(database, upstream, arguments: spills)) await CallAsync(door, 4);
        Spills().ShouldHaveSingleItem();

        Directory.CreateDirectory(away);

        await using (var door = await UsageDoor.OpenAsync(database, upstream, arguments: spills)) await door.RowsAsync(4);
    }

    [Fact]
    public async Task A_program_that_ends_writes_what_it_has()
    {
        await using (var door = await OpenAsync()) await CallAsync(door, 7);

        Spills().ShouldBeEmpty();
        await using (var door = await OpenAsync()) await door.RowsAsync(7);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_that_has_room_in_memory()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Assert.Skip("needs Linux and root, to make a small disk");
        var disk = folder.File("disk");
        Directory.CreateDirectory(disk);
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk) != 0) Assert.Skip("needs the right to make a small disk");
        try
        {
            await using var door = await UsageDoor.OpenAsync($"Data Source={Path.Combine(disk, "gateway.db")}", upstream);
            await CallAsync(door, 2);
            await door.RowsAsync(2);
            var ballast = Path.Combine(disk, "ballast");
            await FillAsync(ballast);

            await CallAsync(door, 50);
            await Eventually.TrueAsync(() => door.Log.Text.Contains("Usage cannot be written", StringComparison.Ordinal));
            await FillAsync(ballast);
            await CallAsync(door, 50);
            System.IO.File.Delete(ballast);

            await door.RowsAsync(102);
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            (await RunAsync("umount", "-l", disk)).ShouldBe(0);
        }
    }

    private static async Task FillAsync(string path)
    {
        try
        {
            await using var ballast = new FileStream(path, FileMode.Append);
            while (true) await ballast.WriteAsync(new byte[4_096], Cancellation);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode;
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = new SqliteConnection(Database + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new SqliteCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
