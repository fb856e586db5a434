using Gateway.Configuration;
using Gateway.Keys;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests.Keys;

/// <summary>Where the gateway may be listened to without a key.</summary>
public class ExposureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Exposure At(string urls, params (string Key, string Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build(), urls);

    [Theory]
    [InlineData("http://localhost:8080")]
    [InlineData("http://127.0.0.1:0;http://[::1]:9000")]
    [InlineData("https://127.3.2.1")]
    [InlineData("http://unix:/tmp/gateway.sock")]
    public void This_machine_alone_needs_no_key(string urls)
    {
        At(urls).IsNone.ShouldBeTrue();
        At(urls).IsFine(new GatewayOptions()).ShouldBeTrue();
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://+:8080")]
    [InlineData("http://localhost:1;http://10.0.0.7:8080")]
    [InlineData("http://gateway.example:8080")]
    public void Another_address_needs_a_key_or_a_word(string urls)
    {
        var exposure = At(urls);

        exposure.IsNone.ShouldBeFalse();
        exposure.IsFine(new GatewayOptions()).ShouldBeFalse();
        foreach (var way in (string[])["Gateway:Keys", "gateway keys create", "Gateway:AllowAnonymous=true", urls.Split(';')[^1]]) exposure.Complaint.ShouldContain(way);
        exposure.IsFine(new GatewayOptions { Keys = [new KeyOptions()] }).ShouldBeTrue();
        exposure.IsFine(new GatewayOptions { AllowAnonymous = true }).ShouldBeTrue();
        exposure.IsFine(new GatewayOptions { AdminKey = "the-admin-key" }).ShouldBeTrue();
    }

    [Fact]
    public void Addresses_of_the_web_servers_own_settings_count_too() =>
        At("http://localhost:1", ("Kestrel:Endpoints:Https:Url", "https://0.0.0.0:8443")).IsNone.ShouldBeFalse();

    [Fact]
    public async Task A_gateway_that_others_reach_does_not_start_without_a_key()
    {
        using var folder = new TemporaryFolder();
        string[] args = ["--urls", "http://0.0.0.0:0", "--Gateway:EmbeddedModel=false", $"--Gateway:Database=Data Source={folder.File("gateway.db")}"];
        var (builder, options) = GatewayApp.Configure(args);
        await using (var refused = GatewayApp.Build(builder, args, options, []))
            (await Should.ThrowAsync<ConfigurationException>(() => KeysSetup.CheckExposureAsync(refused.Services, Cancellation))).Message.ShouldContain("http://0.0.0.0:0");

        string[] allowed = [.. args, "--Gateway:AdminKey=the-admin-key"];
        (builder, options) = GatewayApp.Configure(allowed);
        await using var app = GatewayApp.Build(builder, allowed, options, []);
        await KeysSetup.CheckExposureAsync(app.Services, Cancellation);
        await app.StartAsync(Cancellation);
        using var http = new HttpClient();
        var port = new Uri(app.Urls.First()).Port;
        using var answer = await http.GetAsync($"http://127.0.0.1:{port}/v1/models", Cancellation);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized); // from this machine too: a proxy may stand on it
    }
}
