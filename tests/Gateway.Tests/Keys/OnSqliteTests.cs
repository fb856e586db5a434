using System.Net;
using System.Text;
using Gateway.Keys;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Keys;

public sealed class OnSqliteTests : KeySuite
{
    private readonly TemporaryFolder folder = new();

    protected override Task<string> NewDatabaseAsync() => Task.FromResult($"Data Source={folder.File("gateway.db")}");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    [Fact]
    public async Task No_secret_is_in_the_files_of_the_database_or_in_the_log()
    {
        var door = await OpenAsync();
        var (id, key) = await CreateAsync(door);
        var rotated = (string)(await AdminAsync(door, HttpMethod.Post, $"keys/{id}/rotate"))["key"]!;
        foreach (var known in (string[])[key, rotated, key + "x"]) await door.StatusAsync(known);

        var files = Directory.GetFiles(folder.Path).Where(file => file.Contains("gateway.db", StringComparison.Ordinal)).ToList();
        var bytes = string.Concat(files.Select(file => Encoding.Latin1.GetString(Read(file))));

        bytes.ShouldContain(KeyHash.Of(key).ToString()); // it is these files that hold it
        foreach (var secret in (string[])[key[11..], rotated[11..], "the-admin-key"]) // all but the part that is shown
        {
            bytes.ShouldNotContain(secret);
            door.Log.Text.ShouldNotContain(secret);
        }

        static byte[] Read(string file)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }

    [Fact]
    public async Task A_gateway_without_keys_makes_no_file_and_a_list_of_none_is_empty()
    {
        var door = await OpenAsync();

        (await door.StatusAsync(null)).ShouldBe(HttpStatusCode.OK);
        foreach (var list in (string[])["keys", "audit"]) (await AdminAsync(door, HttpMethod.Get, list))["data"]!.AsArray().ShouldBeEmpty();
        await AdminAsync(door, HttpMethod.Delete, "keys/key_x", null, HttpStatusCode.NotFound);

        File.Exists(folder.File("gateway.db")).ShouldBeFalse();
    }
}
