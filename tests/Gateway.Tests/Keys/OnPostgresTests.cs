using System.Net;
using Gateway.Keys;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Gateway.Tests.Keys;

public sealed class OnPostgresTests(PostgresCluster cluster) : KeySuite, IClassFixture<PostgresCluster>
{
    private readonly string name = "t" + Guid.NewGuid().ToString("N");

    protected override async Task<string> NewDatabaseAsync()
    {
        await RunAsync($"CREATE DATABASE {name}");
        return cluster.Connection(name).Replace("Pooling=false", "Maximum Pool Size=5", StringComparison.Ordinal); // asked four times a second
    }

    [Fact]
    public async Task While_the_database_is_gone_known_keys_go_on_and_nobody_else_comes_in()
    {
        var door = await OpenAsync();
        var (_, key) = await CreateAsync(door);
        await door.Services.GetRequiredService<KeyFeed>().PollAsync(TestContext.Current.CancellationToken); // hears of the change that it made itself
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);

        await RunAsync($"DROP DATABASE {name} WITH (FORCE)");

        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        (await door.StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await door.StatusAsync(key + "x")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        var later = await OpenAsync(); // does not know whether there are keys
        (await later.StatusAsync(null)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await later.StatusAsync("the-admin-key")).ShouldBe(HttpStatusCode.Forbidden);
        await RunAsync($"CREATE DATABASE {name}");
        await Eventually.TrueAsync(async () => await later.StatusAsync(null) == HttpStatusCode.OK);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.Connection("postgres"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
