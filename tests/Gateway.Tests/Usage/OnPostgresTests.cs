using Npgsql;

namespace Gateway.Tests.Usage;

public sealed class OnPostgresTests(PostgresCluster cluster) : UsageSuite, IClassFixture<PostgresCluster>
{
    protected override async Task<string> NewDatabaseAsync()
    {
        var name = "t" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(cluster.Connection("postgres"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return cluster.Connection(name);
    }
}
