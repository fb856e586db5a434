using System.Net;
using System.Net.Http.Json;
using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults.Storage;

/// <summary>A gateway that has one processor waits for a file that another program has locked.</summary>
public sealed class LockedTests : IDisposable
{
    private const string Admin = "the-admin-key";
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Who_waits_for_a_locked_database_holds_up_no_other_call()
    {
        var database = $"Data Source={folder.File("gateway.db")};Pooling=false;Default Timeout=120"; // longer than the calls beside it take on any machine
        await using var gateway = await GatewayProcess.StartAsync([("DOTNET_PROCESSOR_COUNT", "1")], "--Gateway:EmbeddedModel=false", $"--Gateway:Database={database}", $"--Gateway:AdminKey={Admin}");
        using var http = new HttpClient { BaseAddress = gateway.Address, DefaultRequestHeaders = { Authorization = new("Bearer", Admin) }, Timeout = TimeSpan.FromSeconds(60) }; // and less than whoever is held up waits
        (await http.PostAsJsonAsync("admin/v1/keys", new { name = "first" }, Cancellation)).EnsureSuccessStatusCode().Dispose(); // and the tables

        await using var other = await Databases.LockedAsync(database);
        using var writer = await RawConnection.ConnectAsync(gateway.Address);
        await writer.SendAsync("GET /health/live HTTP/1.1\r\nHost: gateway\r\n\r\n"); // the first of a connection may find a thread of the pool
        await writer.ReadUntilAsync("\r\n\r\n");
        await writer.SendAsync($"POST /admin/v1/keys HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {Admin}\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{{\"name\":\"a\"}}");
        var answer = writer.ReadUntilAsync("\r\n");
        for (var call = 0; call < 100; call++) (await http.GetAsync("health/live", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);

        answer.IsCompleted.ShouldBeFalse("it waits, and the others were answered meanwhile");
        await other.DisposeAsync();
        (await answer).ShouldStartWith("HTTP/1.1 200", Case.Sensitive, gateway.Log);
    }
}
