using Gateway.Tests.Storage;

namespace Gateway.Tests.StoredCompletions;

public sealed class OnPostgresTests(PostgresCluster cluster) : StoredCompletionSuite, IClassFixture<PostgresCluster>
{
    protected override Task<string> NewDatabaseAsync() => cluster.NewAsync();
}
