using System.Net;
using Gateway.Configuration;
using Gateway.Keys.Stored;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Keys;

public sealed class KeysCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Database => $"Data Source={folder.File("gateway.db")}";

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await KeysCommand.RunAsync(args, new GatewayOptions { Database = Database }, output, error, Cancellation);
        return (code, output.ToString().Trim(), error.ToString().Trim());
    }

    [Fact]
    public async Task A_key_that_is_made_beside_a_running_gateway_opens_it_and_closes_it_to_others()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Asking.Plain);
        await using var door = await Door.OpenAsync(new
        {
            Database,
            Upstreams = new { u = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "u" } } }, other = new { Targets = new[] { new { Upstream = "u" } } } },
        });
        (await door.StatusAsync(null)).ShouldBe(HttpStatusCode.OK);

        var (code, key, said) = await RunAsync("create", "--name", "ci", "--models", "m,x*", "--requests-per-minute", "60", "--budget-per-month=20.5", "--expires", "2100-01-01", "--config", "ignored.json", "--Gateway:Database=x");

        (code, said.Contains("key_", StringComparison.Ordinal), said.Contains(key, StringComparison.Ordinal)).ShouldBe((0, true, false));
        await Eventually.TrueAsync(async () => await door.StatusAsync(null) == HttpStatusCode.Unauthorized);
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        (await door.StatusAsync(key, "other")).ShouldBe(HttpStatusCode.Forbidden);

        var id = said.Split(' ')[0];
        (await RunAsync("list")).Output.ShouldBe($"{id}  {key[..11]}…  ci  -  inference  m,x*  2100-01-01 00:00:00Z");
        var (_, second, _) = await RunAsync("rotate", id, "--grace", "0");
        await Eventually.TrueAsync(async () => await door.StatusAsync(key) == HttpStatusCode.Unauthorized);
        (await door.StatusAsync(second)).ShouldBe(HttpStatusCode.OK);

        (await RunAsync("revoke", id)).Code.ShouldBe(0);
        await Eventually.TrueAsync(async () => await door.StatusAsync(second) == HttpStatusCode.Unauthorized);
        (await RunAsync("list")).Output.ShouldBeEmpty();
        (await RunAsync("revoke", id)).ShouldBe((1, "", $"error: No key with id '{id}' found."));
    }

    [Theory]
    [InlineData("create", "error: Missing required parameter: 'name'.", 1)]
    [InlineData("create --name a --requests-per-minute many", "error: Invalid type for 'requests_per_minute'", 1)]
    [InlineData("create --name a --nothing 1", "error: Unknown parameter: 'nothing'.", 1)]
    [InlineData("create a", "error: Unknown parameter: 'a'.", 1)]
    [InlineData("rotate key_x", "error: No key with id 'key_x' found.", 1)]
    [InlineData("revoke", "Usage: gateway keys", 2)]
    [InlineData("", "Usage: gateway keys", 2)]
    public async Task A_mistake_is_said_and_makes_nothing(string args, string error, int code)
    {
        var (exit, output, said) = await RunAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        (exit, output).ShouldBe((code, ""));
        said.ShouldStartWith(error);
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_is_named_without_its_password()
    {
        var error = new StringWriter();
        var options = new GatewayOptions { Database = "Host=/nowhere;Database=g;Username=u;Password=p4ss" };

        (await KeysCommand.RunAsync(["create", "--name", "a"], options, TextWriter.Null, error, Cancellation)).ShouldBe(1);

        error.ToString().ShouldContain("/nowhere");
        error.ToString().ShouldNotContain("p4ss");
    }
}
