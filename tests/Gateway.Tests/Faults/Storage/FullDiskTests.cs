using System.Net;
using System.Text.Json.Nodes;
using Gateway.Tests.Doors;
using Gateway.Tests.Keys;
using Gateway.Tests.Usage;

namespace Gateway.Tests.Faults.Storage;

/// <summary>A disk without room, under keys, usage and the audit log.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private FakeUpstream upstream = null!;

    public async ValueTask InitializeAsync() => upstream = (await FakeUpstream.StartAsync()).ThenJson(200, UsageAnswers.Plain(10, 1));

    public ValueTask DisposeAsync() => upstream.DisposeAsync();

    [Fact]
    public async Task While_it_is_full_calls_are_answered_keys_stay_good_changes_say_why_they_are_not_made_and_usage_waits()
    {
        await using var disk = await SmallDisk.MakeAsync();
        await using var door = await UsageDoor.OpenAsync($"Data Source={Path.Combine(disk.Path, "gateway.db")}", upstream);
        var made = await AdminAsync(door, HttpMethod.Post, "keys", """{"name":"before"}""", HttpStatusCode.OK);
        var (id, key) = ((string)made["id"]!, (string)made["key"]!);
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        await door.RowsAsync(1);

        await disk.FillAsync();
        for (var call = 0; call < 40; call++) (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(() => door.Log.Text.Contains("Usage cannot be written", StringComparison.Ordinal));
        await disk.FillAsync(); // with what the log of the database gave back

        JsonNode? error = null;
        for (var another = 0; another < 200 && error is null; another++) // the last pages of its log may take some
        {
            using var answer = await door.AskAsync(HttpMethod.Post, "admin/v1/keys", UsageDoor.Admin, $$"""{"name":"{{new string('n', 100)}}","models":["{{new string('m', 120)}}"]}""");
            if (answer.StatusCode != HttpStatusCode.OK) error = await answer.JsonAsync(HttpStatusCode.ServiceUnavailable);
        }

        ((string?)error?["error"]!["code"]).ShouldBe("database_full");
        await AdminAsync(door, HttpMethod.Patch, "keys/" + id, """{"disabled":true}""", HttpStatusCode.ServiceUnavailable);
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK); // it was not changed
        await AdminAsync(door, HttpMethod.Get, "keys/" + id, null, HttpStatusCode.OK);

        disk.Empty();

        await door.RowsAsync(42);
        await AdminAsync(door, HttpMethod.Patch, "keys/" + id, """{"disabled":true}""", HttpStatusCode.OK);
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.Unauthorized);
        (await door.StatusAsync((string)(await AdminAsync(door, HttpMethod.Post, "keys", """{"name":"after"}""", HttpStatusCode.OK))["key"]!)).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<JsonNode> AdminAsync(Door door, HttpMethod method, string path, string? json, HttpStatusCode expected)
    {
        using var answer = await door.AskAsync(method, "admin/v1/" + path, UsageDoor.Admin, json);
        return await answer.JsonAsync(expected);
    }
}
