using System.Text.Json;
using Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class SettingsFileTests : IDisposable
{
    private const string Prefix = "SETTINGS_FILE_TESTS_";
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        folder.Dispose();
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToList()) Environment.SetEnvironmentVariable(name, null);
    }

    private IConfigurationBuilder File(string json)
    {
        var path = Path.Combine(folder.Path, "gateway.json");
        System.IO.File.WriteAllText(path, json);
        return new ConfigurationBuilder().Add(new JsonSettings(path, optional: false));
    }

    private GatewayOptions Read(string json) => GatewayConfiguration.Read(File(json).Build());

    private IReadOnlyList<string> Errors(string json) => Should.Throw<ConfigurationException>(() => Read(json)).Errors;

    // As the program reads it, but for a prefix that no other test sees.
    private GatewayOptions ReadWithEnvironment(string json, params (string Name, string Value)[] variables)
    {
        foreach (var (name, value) in variables) Environment.SetEnvironmentVariable(Prefix + name, value);
        return GatewayConfiguration.Read(File(json).AddEnvironmentVariables(Prefix).Build());
    }

    private const string Model = """{ "Gateway": { "Upstreams": { "a": { "Address": "http://a/v1" } }, "Models": { "m": { "Targets": [ { "Upstream": "a" } ] MORE } } } }""";

    private static string Text(Dictionary<string, JsonElement> fields) => string.Join(' ', fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value.GetRawText()}"));

    [Fact]
    public void Defaults_and_overrides_of_a_file_keep_their_json()
    {
        var model = Read(Model.Replace("MORE", """, "Defaults": { "a": "7", "b": 7, "c": 1.50, "d": true, "e": null, "f": ["x", 1], "g": { "h:i": { } }, "j": "" }, "Overrides": { "seed": 12345678901234567890 }""")).Models["m"];

        Text(model.Defaults).ShouldBe("""a="7" b=7 c=1.50 d=true e=null f=["x", 1] g={ "h:i": { } } j="" """.TrimEnd());
        Text(model.Overrides).ShouldBe("seed=12345678901234567890");
    }

    [Fact]
    public void The_environment_has_json_too_and_else_text()
    {
        var model = ReadWithEnvironment(
            Model.Replace("MORE", """, "Defaults": { "temperature": 0.1, "user": "file" }"""),
            ("Gateway__Models__m__Defaults__temperature", "0.7"), ("Gateway__Models__m__Defaults__seed", "7"), ("Gateway__Models__m__Defaults__name", "\"7\""), ("Gateway__Models__m__Defaults__flag", "true"),
            ("Gateway__Models__m__Defaults__stop", "[\"a\"]"), ("Gateway__Models__m__Defaults__word", "plain text"), ("Gateway__Models__m__Overrides__top_p", "0.9")).Models["m"];

        Text(model.Defaults).ShouldBe("""flag=true name="7" seed=7 stop=["a"] temperature=0.7 user="file" word="plain text" """.TrimEnd());
        Text(model.Overrides).ShouldBe("top_p=0.9");
    }

    [Fact]
    public void Numbers_switches_and_times_come_from_the_environment()
    {
        var options = ReadWithEnvironment(
            Model.Replace("MORE", ""),
            ("Gateway__Models__m__Retries", "5"), ("Gateway__Models__m__Timeouts__Idle", "00:01:30"), ("Gateway__Models__m__Targets__0__Weight", "2.5"), ("Gateway__EmbeddedModel", "False"),
            ("Gateway__Models__m__Price__InputPerMillion", "0.15"), ("Gateway__Limits__MaxResponseBytes", "1234567890123"), ("Gateway__Upstreams__a__MaxConcurrent", "64"), ("Gateway__Upstreams__a__ApiKey", "sk-x"));

        var model = options.Models["m"];
        (model.Retries, model.Timeouts.Idle, model.Targets[0].Weight, model.Price!.InputPerMillion).ShouldBe((5, TimeSpan.FromSeconds(90), 2.5, 0.15m));
        (options.EmbeddedModel, options.Limits.MaxResponseBytes, options.Upstreams["a"].MaxConcurrent, options.Upstreams["a"].ApiKey).ShouldBe((false, 1234567890123, 64, "sk-x"));
    }

    [Fact]
    public void Names_may_have_colons()
    {
        var options = Read("""{ "Gateway": { "Upstreams": { "a": { "Address": "http://a/v1" } }, "Models": { "llama3:8b": { "Targets": [ { "Upstream": "a", "Model": "llama3:8b-q4" } ], "Aliases": [ "l:*" ] } } } }""");

        options.Models.Keys.ShouldBe(["llama3:8b"]);
        options.Models["llama3:8b"].Targets[0].Model.ShouldBe("llama3:8b-q4");
        Errors("""{ "Gateway": { "Models": { "llama3:8b": { } } } }""").ShouldBe(["Gateway:Models:llama3:8b has neither Path nor Targets"]);
    }

    [Fact]
    public void Unknown_keys_are_errors_at_every_level_all_at_once()
    {
        var errors = Errors("""
            { "Gateway": { "A1": 1, "Limits": { "A2": 1 }, "RetryBudget": { "A3": { "x": 1 } },
              "Upstreams": { "a": { "Address": "http://a/v1", "A4": [1], "Probe": { "A5": 1 } } },
              "Models": { "m": { "A6": 1, "Targets": [ { "Upstream": "a", "A7": 1 } ], "Timeouts": { "A8": 1 }, "Breaker": { "A9": 1 }, "Price": { "B1": 1 } } } } }
            """);

        foreach (var key in (string[])["Gateway:A1", "Gateway:Limits:A2", "Gateway:RetryBudget:A3", "Gateway:Upstreams:a:A4", "Gateway:Upstreams:a:Probe:A5", "Gateway:Models:m:A6", "Gateway:Models:m:Targets:0:A7",
            "Gateway:Models:m:Timeouts:A8", "Gateway:Models:m:Breaker:A9", "Gateway:Models:m:Price:B1"])
            errors.ShouldContain($"{key} is not a setting of this version");
        errors.Count.ShouldBe(10);
    }

    [Fact]
    public void Values_of_the_wrong_type_are_errors_all_at_once()
    {
        var errors = Errors("""
            { "Gateway": { "EmbeddedModel": "yes", "ShutdownTimeout": "soon", "Limits": 7, "ModelsFolder": { "a": 1 },
              "Upstreams": { "a": { "Address": "http://a/v1", "MaxConcurrent": 1.5, "Headers": "x" }, "b": 3 },
              "Models": { "m": { "Targets": [ { "Upstream": "a", "Weight": "heavy", "Order": "first" } ], "Aliases": "x", "Retries": 99999999999, "Price": { "InputPerMillion": "much" }, "Timeouts": { "Idle": 5 } } } } }
            """);

        foreach (var key in (string[])["Gateway:EmbeddedModel is 'yes', where true or false", "Gateway:ShutdownTimeout is 'soon', where a time", "Gateway:Limits is '7', where an object", "Gateway:ModelsFolder holds more settings",
            "Gateway:Upstreams:a:MaxConcurrent is '1.5', where a whole number", "Gateway:Upstreams:a:Headers is 'x', where an object", "Gateway:Upstreams:b is a text, where an object",
            "Gateway:Models:m:Targets:0:Weight is 'heavy', where a number", "Gateway:Models:m:Targets:0:Order is 'first', where a whole number", "Gateway:Models:m:Aliases is 'x', where a list", "Gateway:Models:m:Retries",
            "Gateway:Models:m:Price:InputPerMillion is 'much', where a number", "Gateway:Models:m:Timeouts:Idle is '5', where a time"])
            errors.ShouldContain(error => error.StartsWith(key), key);
    }

    [Theory]
    [InlineData(""" "Upstreams": { "a": { "Address": "ftp://a/v1" } } """, "Gateway:Upstreams:a:Address")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://user:word@a/v1" } } """, "Gateway:Upstreams:a:Address")]
    [InlineData(""" "Upstreams": { "a": { } } """, "Gateway:Upstreams:a:Address is missing")]
    [InlineData(""" "Upstreams": { "a b": { "Address": "http://a" } } """, "Gateway:Upstreams:a b: a name")]
    [InlineData(""" "Upstreams": { "local": { "Address": "http://a" } } """, "taken by local models")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "Kind": "azure" } } """, "ApiVersion is missing")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "Kind": "aws" } } """, "known are openai, azure")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "ApiKey": "x", "ApiKeyFile": "/dev/null" } } """, "exclude each other")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "ApiKeyFile": "/does/not/exist" } } """, "there is no '/does/not/exist'")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "ApiKey": "line\nline" } } """, "Gateway:Upstreams:a:ApiKey")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "Headers": { "X-A": "a\r\nX-B: b" } } } """, "Headers:X-A is no header")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "Headers": { "Content-Type": "text/plain" } } } """, "Headers:Content-Type is no header")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "Headers": { "Connection": "close" } } } """, "Headers:Connection is no header")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "MaxConcurrent": 0 } } """, "MaxConcurrent must be positive")]
    [InlineData(""" "Upstreams": { "a": { "Address": "http://a", "Probe": { "Path": "health" } } } """, "Probe:Path")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Upstream": "gone" } ] } } """, "there is no 'gone' in Gateway:Upstreams")]
    [InlineData(""" "Models": { "m": { "Targets": [ { } ] } } """, "needs either Upstream or Local")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Local": "tiny-chat", "Weight": -1 } ] } } """, "Weight must be above 0")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Local": "tiny-chat" } ], "Routing": "random" } } """, "known are least-work, power-of-two, weighted, ordered, latency, prefix")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Local": "tiny-chat" } ], "HedgeAfter": "p99" } } """, "HedgeAfter is 'p99'")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Local": "tiny-chat" } ], "Retries": 21 } } """, "Retries must be from 0 to 20")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Local": "tiny-chat" } ], "FallbackOn": [ "rain" ] } } """, "FallbackOn is 'rain'")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Local": "tiny-chat" } ], "Overrides": { "model": "y" } } } """, "'model' is the caller's")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Local": "tiny-chat" } ], "Aliases": [ "n" ] }, "n": { "Targets": [ { "Local": "tiny-chat" } ] } } """, "'n' is the name of another model")]
    [InlineData(""" "Models": { "m*": { "Path": "/tmp" } } """, "a local model's name is no pattern")]
    public void A_setting_that_cannot_be_is_said_with_its_key(string settings, string part) =>
        Errors($$"""{ "Gateway": { {{settings}} } }""").ShouldHaveSingleItem().ShouldContain(part);

    [Fact]
    public void What_is_shown_hides_secrets_and_prints_defaults_as_they_are()
    {
        var options = Read("""
            { "Gateway": { "Database": "Host=db;Password=p4ssw0rd",
              "Upstreams": { "a": { "Address": "http://a/v1", "ApiKey": "sk-s3cret", "Headers": { "X-Token": "t0ken" } } },
              "Models": { "llama3:8b": { "Targets": [ { "Upstream": "a" } ], "Defaults": { "a": "7", "b": 7, "c": [1.50] } } } } }
            """);

        var text = ConfigCommand.Text(options);

        foreach (var secret in (string[])["p4ssw0rd", "sk-s3cret", "t0ken"]) text.ShouldNotContain(secret);
        var shown = JsonDocument.Parse(text).RootElement.GetProperty("Gateway");
        shown.GetProperty("Upstreams").GetProperty("a").GetProperty("ApiKey").GetString().ShouldBe("***");
        shown.GetProperty("Upstreams").GetProperty("a").GetProperty("Headers").GetProperty("X-Token").GetString().ShouldBe("***");
        var defaults = shown.GetProperty("Models").GetProperty("llama3:8b").GetProperty("Defaults");
        (defaults.GetProperty("a").GetRawText(), defaults.GetProperty("b").GetRawText(), defaults.GetProperty("c")[0].GetRawText()).ShouldBe(("\"7\"", "7", "1.50"));
    }

    [Fact]
    public void The_greeting_names_the_files_that_are_there_or_the_one_that_would_be_read()
    {
        var (absent, there) = (folder.File("absent.json"), folder.File("there.json"));
        System.IO.File.WriteAllText(there, "{}");

        Startup.SettingsFrom([(absent, true), (there, false)]).ShouldBe($"Settings: {there}");
        Startup.SettingsFrom([(folder.File("appsettings.json"), true), (absent, true)]).ShouldBe($"Settings: defaults ({absent} is not there)");
    }
}
