using Npgsql;

namespace Gateway.Tests.Storage;

/// <summary>Databases of a server that a test starts.</summary>
internal static class PostgresDatabases
{
    /// <summary>Makes an empty one.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> NewAsync(this PostgresCluster cluster)
    {
        var name = "t" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(cluster.Connection("postgres"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return cluster.Connection(name);
    }
}
