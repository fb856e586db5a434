using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Faults;

/// <summary>What must not pass from one side to the other.</summary>
public class LeakTests
{
    [Theory]
    [InlineData("close, x-hop-here")]
    [InlineData("x-hop-here,keep-alive")]
    [InlineData("Upgrade, X-Hop-Here")]
    [InlineData("x-hop-here\r\nConnection: close")]
    [InlineData("upgrade\r\nConnection: x-hop-here")]
    [InlineData("x-hop-here")]
    public async Task Headers_of_one_hop_cookies_and_credentials_stay_where_they_are_in_both_directions(string connection)
    {
        var received = "";
        await using var upstream = new RawUpstream(async from =>
        {
            received = await from.ReadRequestAsync();
            await from.SendAsync(Wire.Plain(Wire.Answer, headers: "Connection: keep-alive, x-hop-there\r\nKeep-Alive: timeout=5\r\nx-hop-there: 1\r\nSet-Cookie: a=b\r\nSet-Cookie2: a=b\r\nAuthorization: Bearer there\r\nX-Api-Key: there\r\nProxy-Authenticate: Basic\r\nUpgrade: h9\r\nTrailer: x\r\nServer: secret\r\nAccess-Control-Allow-Origin: x\r\nx-kept: 2\r\n"));
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var client = await RawConnection.ConnectAsync(door.Address);
        const string body = """{"model":"m","messages":[]}""";

        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\nConnection: {connection}\r\nKeep-Alive: 5\r\nx-hop-here: 1\r\nTE: trailers\r\nProxy-Authorization: x\r\nCookie: a=b\r\nAuthorization: Bearer sk-client\r\napi-key: sk-client\r\nx-api-key: sk-client\r\nx-goog-api-key: sk-client\r\nX-Auth-Token: sk-client\r\nCookie2: a=b\r\nX-Forwarded-For: 1.2.3.4\r\nx-kept: 1\r\n\r\n{body}");
        client.HalfClose();
        var answer = await client.ReadToEndAsync();

        answer.ShouldContain("x-kept: 2");
        received.ShouldContain("x-kept: 1");
        foreach (var leak in (string[])["x-hop-there", "a=b", "timeout=5", "Basic", "h9", "secret", "there", "Access-Control-Allow-Origin: x"]) answer.ShouldNotContain(leak);
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

    [Fact]
    public async Task A_header_of_an_answer_that_holds_a_key_or_an_address_does_not_pass()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            var host = request.Split("Host: ")[1].Split('\r')[0];
            await connection.SendAsync(Wire.Plain(Wire.Answer, headers: $"x-debug: key={Wire.Key}\r\nContent-Location: http://{host}/v1/a\r\nx-kept: 2\r\n"));
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());

        using var answer = await door.ChatAsync("m");

        answer.Headers.Contains("x-debug").ShouldBeFalse();
        answer.Content.Headers.ContentLocation.ShouldBeNull();
        answer.Headers.GetValues("x-kept").ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_token_of_a_header_and_the_key_of_another_upstream_are_not_quoted()
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Error("no tok-of-a-header, no sk-of-another at http://10.9.8.7:99/v1", "no"), "400 No")));
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new
            {
                u0 = new { Address = new Uri(upstream.Address, "v1").ToString(), ApiKey = (string?)null, Headers = new { Authorization = "Bearer tok-of-a-header" } },
                u1 = new { Address = "http://10.9.8.7:99/v1", ApiKey = (string?)"sk-of-another", Headers = new { Authorization = "" } },
            },
            Models = new { m = new { Targets = (object[])[new { Upstream = "u0" }, new { Upstream = "u1", Order = 1 }] } },
        });

        using var answer = await door.ChatAsync("m");

        (await answer.Content.ReadAsStringAsync()).ShouldContain("no ***, no *** at u1");
    }

    [Fact]
    public async Task A_key_that_is_a_word_is_no_secret_and_one_that_begins_as_another_is_hidden_whole()
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Error("a non-empty one, no sk-of-the-upstream-and-more", "context_length_exceeded"), "400 No")));
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new
            {
                u0 = new { Address = new Uri(upstream.Address, "v1").ToString(), ApiKey = "sk-of-the-upstream" },
                u1 = new { Address = "http://10.9.8.7:99/v1", ApiKey = "sk-of-the-upstream-and-more" },
                u2 = new { Address = "http://10.9.8.7:98/v1", ApiKey = "EMPTY" },
            },
            Models = new { m = new { Targets = (object[])[new { Upstream = "u0" }, new { Upstream = "u1", Order = 1 }, new { Upstream = "u2", Order = 2 }] } },
        });

        using var answer = await door.ChatAsync("m");

        (await answer.Content.ReadAsStringAsync()).ShouldContain("a non-empty one, no ***\"");
    }

    [Theory]
    [InlineData("X-Title", "caf\u00c3\u00a9 \u00e2\u0080\u009cApp\u00e2\u0080\u009d")]
    [InlineData("User-Agent", "caf\u00c3\u00a9")]
    public async Task A_header_in_another_alphabet_goes_upstream_as_it_came(string name, string bytes)
    {
        var received = "";
        await using var upstream = new RawUpstream(async from =>
        {
            received = await from.ReadRequestAsync();
            await from.SendAsync(Wire.Plain(Wire.Answer, headers: $"x-served-by: {bytes}\r\n"));
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var client = await RawConnection.ConnectAsync(door.Address);

        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 13\r\n{name}: {bytes}\r\n\r\n{{\"model\":\"m\"}}");

        (await client.ReadToEndAsync()).ShouldContain($"x-served-by: {bytes}\r\n");
        received.ShouldContain($"{name}: {bytes}\r\n");
    }
}
