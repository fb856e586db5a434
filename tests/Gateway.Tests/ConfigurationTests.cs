using Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests;

public class ConfigurationTests
{
    private static GatewayOptions Read(params (string Key, string Value)[] settings) =>
        GatewayConfiguration.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build());

    [Fact]
    public void Silence_means_the_defaults()
    {
        Read().ShouldBeEquivalentTo(new GatewayOptions());
    }

    [Fact]
    public void A_model_is_read_with_all_its_settings()
    {
        var model = Read(
            ("Gateway:Models:org/a:Path", Shared.TinyChat), ("Gateway:Models:org/a:Context", "512"), ("Gateway:Models:org/a:KeepAlive", "00:00:30"),
            ("Gateway:Models:org/a:Preload", "true"), ("Gateway:Models:org/a:Aliases:0", "gpt-4*")).Models["org/a"];

        (model.Path, model.Context, model.KeepAlive, model.Preload).ShouldBe((Shared.TinyChat, 512, TimeSpan.FromSeconds(30), true));
        model.Aliases.ShouldBe(["gpt-4*"]);
    }

    [Fact]
    public void Every_error_is_listed_at_once()
    {
        var errors = Should.Throw<ConfigurationException>(() => Read(
            ("Gateway:ModlesFolder", "x"), ("Gateway:Models:a:Path", "/does/not/exist"), ("Gateway:Models:b:Backend", "llama.cpp"), ("Gateway:Models:b:Path", Shared.TinyChat),
            ("Gateway:Models:b:KeepAlive", "00:00:00"), ("Gateway:Models:b:Upstream", "x"), ("Gateway:Limits:MaxRequestBodyBytes", "0"))).Errors;

        errors.Count.ShouldBe(6);
        foreach (var part in (string[])["Gateway:ModlesFolder", "/does/not/exist", "llama.cpp", "KeepAlive", "Gateway:Models:b:Upstream", "MaxRequestBodyBytes"])
            errors.ShouldContain(error => error.Contains(part));
    }

    [Fact]
    public void A_value_of_the_wrong_type_names_its_key()
    {
        Should.Throw<ConfigurationException>(() => Read(("Gateway:Limits:MaxRequestBodyBytes", "many"))).Message.ShouldContain("Gateway:Limits:MaxRequestBodyBytes");
    }

    [Fact]
    public void Later_sources_win_and_arguments_come_last()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("config-").FullName, "more.json");
        File.WriteAllText(file, """{ "Gateway": { "ModelsFolder": "from-file", "EmbeddedModel": false } } // comments are welcome""");
        try
        {
            var configuration = new ConfigurationManager();
            GatewayConfiguration.AddSources(configuration, ["--config", file, "--Gateway:ModelsFolder=from-argument"]);

            var options = GatewayConfiguration.Read(configuration);

            (options.ModelsFolder, options.EmbeddedModel).ShouldBe(("from-argument", false));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public void Where_chats_are_kept_is_checked_and_shown_without_its_secrets()
    {
        var options = Read(("Gateway:StoredCompletions:Enabled", "true"), ("Gateway:StoredCompletions:KeepFor", "7.00:00:00"), ("Gateway:Database", "Host=db;Password=p4ss"));

        (options.StoredCompletions.Enabled, options.StoredCompletions.KeepFor, options.StoredCompletions.MaxBytesEach).ShouldBe((true, TimeSpan.FromDays(7), 4 << 20));
        var shown = ConfigCommand.Text(options);
        shown.ShouldContain("7.00:00:00");
        shown.ShouldNotContain("p4ss");
    }

    [Theory]
    [InlineData("Gateway:StoredCompletions:KeepFor", "00:00:00", "KeepFor")]
    [InlineData("Gateway:StoredCompletions:MaxBytesEach", "0", "MaxBytesEach")]
    [InlineData("Gateway:StoredCompletions:MaxBytesAll", "1", "not a setting")]
    [InlineData("Gateway:Database", "gateway.db", "Gateway:Database")]
    [InlineData("Gateway:Database", "Data Source=a.db;Colour=red", "Gateway:Database")]
    [InlineData("Gateway:Database", "Data Source=/does/not/exist/a.db", "/does/not/exist")]
    [InlineData("Gateway:Database", "Host=db;Colour=red", "Gateway:Database")]
    public void A_place_that_cannot_be_kept_in_is_an_error_at_start(string key, string value, string part) =>
        Should.Throw<ConfigurationException>(() => Read(("Gateway:StoredCompletions:Enabled", "true"), (key, value))).Message.ShouldContain(part);
}
