namespace Gateway.Tests.Usage;

public sealed class OnSqliteTests : UsageSuite
{
    private readonly TemporaryFolder folder = new();

    protected override Task<string> NewDatabaseAsync() => Task.FromResult($"Data Source={folder.File("gateway.db")}");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
    }
}
