using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults;

/// <summary>What must not pass from one side to the other.</summary>
public class LeakTests
{
    [Fact]
    public async Task Headers_of_one_hop_cookies_and_credentials_stay_where_they_are_in_both_directions()
    {
        var received = "";
        await using var upstream = new RawUpstream(async connection =>
        {
            received = await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.Plain(Wire.Answer, headers: "Connection: keep-alive, x-hop-there\r\nKeep-Alive: timeout=5\r\nx-hop-there: 1\r\nSet-Cookie: a=b\r\nProxy-Authenticate: Basic\r\nUpgrade: h9\r\nTrailer: x\r\nServer: secret\r\nAccess-Control-Allow-Origin: x\r\nx-kept: 2\r\n"));
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var client = await RawConnection.ConnectAsync(door.Address);
        const string body = """{"model":"m","messages":[]}""";

        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\nConnection: x-hop-here\r\nKeep-Alive: 5\r\nx-hop-here: 1\r\nTE: trailers\r\nProxy-Authorization: x\r\nCookie: a=b\r\nAuthorization: Bearer sk-client\r\napi-key: sk-client\r\nx-api-key: sk-client\r\nX-Forwarded-For: 1.2.3.4\r\nx-kept: 1\r\n\r\n{body}");
        client.HalfClose(); // Kestrel keeps of `close, x-hop-here` only the first
        var answer = await client.ReadToEndAsync();

        answer.ShouldContain("x-kept: 2");
        received.ShouldContain("x-kept: 1");
        foreach (var leak in (string[])["x-hop-there", "a=b", "timeout=5", "Basic", "h9", "secret", "Access-Control-Allow-Origin: x"]) answer.ShouldNotContain(leak);
        foreach (var leak in (string[])["x-hop-here", "a=b", "Keep-Alive", "TE:", "sk-client", "Proxy-Authorization", "1.2.3.4", "Cookie"]) received.ShouldNotContain(leak);
    }

    [Theory]
    [InlineData(400, false, false)]
    [InlineData(500, false, false)]
    [InlineData(429, false, true)]
    [InlineData(200, true, false)]
    [InlineData(200, true, true)]
    public async Task An_upstream_that_repeats_its_key_and_its_address_in_an_error_is_not_quoted(int status, bool stream, bool escaped)
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            var host = request.Split("Host: ")[1].Split('\r')[0];
            var key = escaped ? "\\u0073" + Wire.Key[1..] : Wire.Key;
            var error = $$$"""{"error":{"message":"bad key {{{key}}} at http:\/\/{{{host}}}\/v1","type":"{{{key}}}","param":"{{{key}}}","code":"{{{key}}}"}}""";
            await connection.SendAsync(stream ? Wire.StreamHead + Wire.Chunk + $"data: {error}\n\n" : Wire.Plain(error, $"{status} No"));
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString(), new { Retries = 0 });

        using var answer = await door.ChatAsync("m", stream);
        var text = await answer.Content.ReadAsStringAsync() + answer.Headers + await door.Log.LineAsync(" after ") + door.Log.Text;

        text.ShouldContain("***");
        text.ShouldNotContain("of-the-upstream");
        text.ShouldNotContain($":{upstream.Address.Port}");
    }
}
