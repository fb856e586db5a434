using Gateway.Tests.Storage;

namespace Gateway.Tests.Usage;

public sealed class OnPostgresTests(PostgresCluster cluster) : UsageSuite, IClassFixture<PostgresCluster>
{
    protected override Task<string> NewDatabaseAsync() => cluster.NewAsync();
}
