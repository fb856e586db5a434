using System.Net;
using System.Text.RegularExpressions;
using Gateway.Admin;
using Gateway.AdminConsole;
using Gateway.Tests.Doors;
using Gateway.Tests.Keys;

namespace Gateway.Tests.AdminConsole;

/// <summary>The page's files: who gets them, under which policy, and that they are whole.</summary>
public partial class ConsolePagesTests
{
    private static readonly (string, string) Html = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    [Fact]
    public async Task A_browser_finds_the_page_and_other_clients_what_they_found_before()
    {
        await using var door = await Door.OpenAsync(new { });

        using var page = await door.AskAsync(HttpMethod.Get, "/", null, null, Html);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        foreach (var part in (string[])["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) policy.Split("; ").ShouldContain(part);
        policy.ShouldNotContain("unsafe");
        page.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        page.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);

        foreach (var (method, accept) in ((HttpMethod, string)[])[(HttpMethod.Get, "application/json"), (HttpMethod.Get, "*/*"), (HttpMethod.Post, "text/html")])
        {
            using var other = await door.AskAsync(method, "/", null, null, ("Accept", accept));
            other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            await other.ErrorAsync();
        }

        using var absent = await door.AskAsync(HttpMethod.Get, "/console/../gateway.json", null, null, Html);
        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_file_that_is_known_is_not_sent_again_and_another_content_has_another_tag()
    {
        await using var door = await Door.OpenAsync(new { });
        using var first = await door.AskAsync(HttpMethod.Get, "/console/main.js", null);
        var tag = first.Headers.ETag!;
        tag.IsWeak.ShouldBeFalse();
        first.Content.Headers.ContentType!.MediaType.ShouldBe("text/javascript");

        using var again = await door.AskAsync(HttpMethod.Get, "/console/main.js", null, null, ("If-None-Match", tag.Tag));
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var head = await door.AskAsync(HttpMethod.Head, "/console/main.js", null);
        head.Content.Headers.ContentLength.ShouldBe(first.Content.Headers.ContentLength);

        ConsoleFile.All().Values.Select(file => file.Tag).Distinct().Count().ShouldBe(ConsoleFile.All().Count);
    }

    [Fact]
    public void What_the_files_name_is_there_and_nothing_comes_from_elsewhere_or_makes_markup_of_text()
    {
        var files = ConsoleFile.All();
        files.Count.ShouldBeGreaterThan(15);
        foreach (var (name, file) in files)
        {
            var text = System.Text.Encoding.UTF8.GetString(file.Bytes);
            foreach (Match named in Names().Matches(text)) files.Keys.ShouldContain(named.Groups[1].Value, name);
            text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).ShouldNotContain("://", Case.Sensitive, name);
            foreach (var forbidden in (string[])["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser", "srcdoc", "javascript:"]) text.ShouldNotContain(forbidden, Case.Insensitive, name);
        }
    }

    [Fact]
    public async Task With_a_port_for_administration_the_page_is_there_and_calls_are_not()
    {
        var port = FreePort.Find();
        await using var door = await Door.OpenAsync(new { AdminKey = "sk-admin-key-of-this-test", AdminUrls = $"http://127.0.0.1:{port}" });
        foreach (var path in (string[])["/", "/console/main.js"])
        {
            using var here = await door.AskAsync(HttpMethod.Get, $"http://127.0.0.1:{port}{path}", null, null, Html);
            here.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var there = await door.AskAsync(HttpMethod.Get, path, null, null, Html);
            there.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        using var session = await door.AskAsync(HttpMethod.Post, $"http://127.0.0.1:{port}/admin/v1/session", null, """{"key":"sk-admin-key-of-this-test"}""");
        (await session.JsonAsync())["serves_calls"]!.GetValue<bool>().ShouldBeFalse();
        using var elsewhere = await door.AskAsync(HttpMethod.Get, "/admin/v1/session", null);
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Who_wants_no_page_has_none()
    {
        await using var door = await Door.OpenAsync(new { Console = false });

        using var page = await door.AskAsync(HttpMethod.Get, "/", null, null, Html);
        page.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(null, "http://localhost:8080", "http://localhost:8080", "http://127.0.0.1:9")]
    [InlineData("http://127.0.0.1:9", "http://127.0.0.1:9", "http://localhost:8080", "http://127.0.0.1:9")]
    [InlineData(null, "https://[::1]:8443", "http://unix:/tmp/gateway.sock", "https://[::1]:8443")]
    [InlineData("http://127.0.0.1:9", null, "http://unix:/tmp/gateway.sock", "http://localhost:8080")]
    public void A_browser_is_told_an_address_that_it_can_open(string? adminUrls, string? expected, params string[] addresses) =>
        ConsolePages.AddressOf(addresses, new AdminUrls(adminUrls)).ShouldBe(expected);

    [GeneratedRegex("""(?:from "\./|"/console/)([\w.-]+)""")]
    private static partial Regex Names();
}
