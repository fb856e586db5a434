using Gateway.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Gateway.Tests.Configuration;

/// <summary>Mistakes in files, which are said, all at once and each once.</summary>
public sealed class SettingsMistakesTests : IDisposable
{
    private const string Upstreams = """ "Upstreams": { "a": { "Address": "http://a/v1" } } """;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Path => folder.File("gateway.json");

    private GatewayOptions Read(string json)
    {
        File.WriteAllText(Path, json);
        return GatewayConfiguration.Read(new ConfigurationBuilder().Add(new JsonSettings(Path, optional: false)).Build());
    }

    private IReadOnlyList<string> Errors(string json) => Should.Throw<ConfigurationException>(() => Read(json)).Errors;

    private IReadOnlyList<string> ErrorsOfModel(string settings) => Errors($$"""{ "Gateway": { {{Upstreams}}, "Models": { "m": { "Targets": [ { "Upstream": "a" } ], {{settings}} } } } }""");

    [Theory]
    [InlineData(""" "Limits": { "TokensReservedByDefault": -3 } """, "Gateway:Limits:TokensReservedByDefault must be from 0 to 1000000")]
    [InlineData(""" "Limits": { "MaxRequestBodyBytes": 1000000000000000 } """, "Gateway:Limits:MaxRequestBodyBytes must be from 1 to 2147483591")]
    [InlineData(""" "ShutdownTimeout": "50.00:00:00" """, "Gateway:ShutdownTimeout must be from 00:00:00 to 49.00:00:00")]
    [InlineData(""" "Models": { "m": { "Path": "/tmp", "KeepAlive": "50.00:00:00" } } """, "Gateway:Models:m:KeepAlive must be from 00:00:00.0010000 to 49.00:00:00")]
    [InlineData(""" "Models": { "m": { "Path": "/tmp", "Price": { "OutputPerMillion": 10000000000000000000000000 } } } """, "Gateway:Models:m:Price must be from 0 to 10000000")]
    [InlineData(""" "Hub": { "Attempts": 1001 } """, "Gateway:Hub:Attempts must be from 1 to 1000")]
    public void Numbers_and_times_have_bounds(string settings, string error) => Errors($$"""{ "Gateway": { {{settings}} } }""").ShouldBe([error]);

    [Fact]
    public void Names_of_nothing_are_listed_with_all_other_errors()
    {
        var errors = Errors($$"""
            { "Gateway": { {{Upstreams}}, "Models": {
              "m": { "Targets": [ { "Upstream": "a" } ], "Fallbacks": [ "gone", "n", "tiny-chat", "p-1" ], "Retries": -1 },
              "n": { "Targets": [ { "Local": "nowhere" }, { "Local": "tiny-chat" }, { "Local": "m" } ] },
              "p-*": { "Targets": [ { "Upstream": "a" } ] } } } }
            """);

        errors.Order(StringComparer.Ordinal).ShouldBe([
            "Gateway:Models:m:Fallbacks: no model 'gone' is published", "Gateway:Models:m:Retries must be from 0 to 20",
            "Gateway:Models:n:Targets:0:Local: no local model 'nowhere' is served", "Gateway:Models:n:Targets:2:Local: no local model 'm' is served"]);
    }

    [Theory]
    [InlineData(""" "Models": { "m": { "Targets": "a" } } """, "Gateway:Models:m:Targets is 'a', where a list is expected")]
    [InlineData(""" "Models": { "m": { "Path": [ "a" ] } } """, "Gateway:Models:m:Path holds more settings, where one value is expected")]
    [InlineData(""" "Upstreams": { "a": { "Address": [ "http://a" ] } } """, "Gateway:Upstreams:a:Address holds more settings, where one value is expected")]
    [InlineData(""" "Upstreams": "a", "Models": { "m": { "Targets": [ { "Upstream": "a" } ] } } """, "Gateway:Upstreams is a text, where an object is expected")]
    [InlineData(""" "Models": { "m": { "Targets": [ { "Upstream": [ "a" ] } ] } } """, "Gateway:Models:m:Targets:0:Upstream holds more settings, where one value is expected")]
    public void A_value_of_the_wrong_type_is_one_error_and_not_also_a_missing_one(string settings, string error) => Errors($$"""{ "Gateway": { {{settings}} } }""").ShouldBe([error]);

    [Fact]
    public void Settings_that_are_no_object_at_all_are_one_error() => Errors("""{ "Gateway": "x" }""").ShouldBe(["Gateway is a text, where an object is expected"]);

    [Theory]
    [InlineData(""" "Keys": "sk-s3cret" """, "Gateway:Keys is a text, where a list is expected")]
    [InlineData(""" "Keys": [ "sk-s3cret" ] """, "Gateway:Keys:0 is a text, where an object is expected")]
    [InlineData(""" "Upstreams": { "a": "sk-s3cret" } """, "Gateway:Upstreams:a is a text, where an object is expected")]
    public void A_key_in_the_wrong_place_is_not_shown(string settings, string error) => Errors($$"""{ "Gateway": { {{settings}} } }""").ShouldBe([error]);

    [Theory]
    [InlineData("30")]
    [InlineData("\"600\"")]
    public void A_time_that_is_a_bare_number_is_an_error(string value) =>
        Errors($$"""{ "Gateway": { "ShutdownTimeout": {{value}} } }""").ShouldBe([$"Gateway:ShutdownTimeout is '{value.Trim('"')}', where a time such as 00:00:30 or 7.00:00:00 is expected"]);

    [Fact]
    public void No_time_at_all_may_be_a_zero() => Read("""{ "Gateway": { "ShutdownTimeout": 0 } }""").ShutdownTimeout.ShouldBe(TimeSpan.Zero);

    [Fact]
    public void An_error_beside_a_wrong_value_is_still_said() =>
        Errors("""{ "Gateway": { "Upstreams": { "a": { "Address": [ "x" ], "MaxConcurrent": 0 }, "ab": { "Kind": 7 } } } }""").ShouldBe([
            "Gateway:Upstreams:a:Address holds more settings, where one value is expected", "Gateway:Upstreams:a:MaxConcurrent must be positive", "Gateway:Upstreams:ab:Address is missing",
            "Gateway:Upstreams:ab:Kind is '7'; known are openai, azure"]);

    [Theory]
    [InlineData("m", """ "Aliases": [ "n" ], "Fallbacks": [ "m" ] """)]
    [InlineData("n", """ "Aliases": [ "n" ], "Fallbacks": [ "n" ] """)]
    [InlineData("n-1", """ "Aliases": [ "n-*" ], "Fallbacks": [ "n-1" ] """)]
    public void A_model_does_not_fall_back_on_itself(string name, string settings) => ErrorsOfModel(settings).ShouldBe([$"Gateway:Models:m:Fallbacks: '{name}' is this model itself"]);

    [Fact]
    public void Two_models_may_fall_back_on_each_other_and_a_pattern_on_a_name_that_it_matches() =>
        Read($$"""
            { "Gateway": { {{Upstreams}}, "Models": { "x": { "Targets": [ { "Upstream": "a" } ], "Fallbacks": [ "y" ] }, "y": { "Targets": [ { "Upstream": "a" } ], "Fallbacks": [ "x" ] },
              "z-*": { "Targets": [ { "Upstream": "a" } ], "Fallbacks": [ "z-small" ] } } } }
            """).Models.Count.ShouldBe(3);

    [Theory]
    [InlineData(""" "Aliases": [ "" ] """, "Gateway:Models:m:Aliases:0 is empty, where a text is expected")]
    [InlineData(""" "Aliases": [ " " ] """, "Gateway:Models:m:Aliases: a name is empty")]
    [InlineData(""" "Aliases": { "x": "y" } """, "Gateway:Models:m:Aliases:x stands in a list, whose entries have numbers for names")]
    [InlineData(""" "Defaults": [ 1, "x" ] """, "Gateway:Models:m:Defaults is a list, where an object is expected")]
    [InlineData(""" "Overrides": [ ] """, "Gateway:Models:m:Overrides is a list, where an object is expected")]
    [InlineData(""" "Price": [ 1 ] """, "Gateway:Models:m:Price is a list, where an object is expected")]
    [InlineData(""" "Timeouts": [ ] """, "Gateway:Models:m:Timeouts is a list, where an object is expected")]
    public void Lists_and_objects_do_not_stand_in_for_each_other(string settings, string error) => ErrorsOfModel(settings).ShouldBe([error]);

    [Fact]
    public void Headers_and_models_are_no_lists() =>
        Errors("""{ "Gateway": { "Upstreams": { "a": { "Address": "http://a/v1", "Headers": [ "X-A: b" ] } }, "Models": [ { "Path": "/tmp" } ] } }""").ShouldBe([
            "Gateway:Models is a list, where an object is expected", "Gateway:Upstreams:a:Headers is a list, where an object is expected"]);

    [Theory]
    [InlineData("""{ "Gatway": { } }""", "there is no section 'Gatway'; is 'Gateway' meant?")]
    [InlineData("""{ "Upstreams": { } }""", "'Upstreams' stands outside of 'Gateway'")]
    [InlineData("""{ "Proxy": { "Models": [], "ModelsFolder": "x" } }""", "'ModelsFolder' stands in 'Proxy'; is 'Gateway' meant?")]
    public void A_section_that_was_meant_to_be_the_gateways_is_an_error(string json, string error) => Errors(json).ShouldBe([$"{Path}: {error}"]);

    [Fact]
    public void Sections_of_others_are_theirs() =>
        Read("""
            { "Logging": { "Console": { }, "LogLevel": { "Default": "Debug" } }, "Kestrel": { "Limits": { } }, "urls": "http://localhost:1", "AllowedHosts": "*", "ConnectionStrings": { },
              "OpenTelemetry": { "Metrics": { } }, "Serilog": { "Using": [ ] }, "OpenAI": { "Models": [ "a" ] }, "Keys": { }, "gateway": { "AllowAnonymous": true } }
            """).AllowAnonymous.ShouldBeTrue();

    [Theory]
    [InlineData("Gatway:ModelsFolder", 1)]
    [InlineData("Gateways:HOST", 0)]
    [InlineData("Other:ModelsFolder", 0)]
    public void The_environment_is_everybodys_and_only_a_setting_of_ours_under_nearly_our_name_is_an_error(string key, int errors)
    {
        var configuration = new ConfigurationBuilder().Add(new MemoryConfigurationSource { InitialData = [KeyValuePair.Create(key, (string?)"x")] }).Build();

        if (errors == 0) GatewayConfiguration.Read(configuration).ShouldBeEquivalentTo(new GatewayOptions());
        else Should.Throw<ConfigurationException>(() => GatewayConfiguration.Read(configuration)).Errors.ShouldBe(["There is no section 'Gatway' in the environment; is 'Gateway' meant?"]);
    }

    [Fact]
    public void A_variable_of_the_environment_that_has_only_our_name_is_another_programs()
    {
        const string prefix = "SETTINGS_MISTAKES_";
        Environment.SetEnvironmentVariable(prefix + "GATEWAY", "10.0.0.1");

        GatewayConfiguration.Read(new ConfigurationBuilder().AddEnvironmentVariables(prefix).Build()).ShouldBeEquivalentTo(new GatewayOptions());
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_an_error_that_names_it_and_the_line()
    {
        File.WriteAllBytes(Path, [.. "{ \"Gateway\": {\n  \"AdminKey\": \""u8, 0xE9, .. "\" } }"u8]);

        Should.Throw<InvalidDataException>(() => GatewayConfiguration.Read(new ConfigurationBuilder().Add(new JsonSettings(Path, optional: false)).Build())).Message
            .ShouldBe($"{Path}: it is not UTF-8 (line 2); save it as UTF-8.");
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_an_error_that_names_the_file() => Should.Throw<InvalidDataException>(() => Read("""{ "Gateway": { "AdminKey": "\ud800" } }""")).Message.ShouldStartWith(Path + ": ");

    [Fact]
    public void A_file_may_begin_with_a_byte_order_mark() => Read("\uFEFF" + """{ "Gateway": { "AllowAnonymous": true } }""").AllowAnonymous.ShouldBeTrue();

    [Fact]
    public void A_folder_that_is_not_there_and_a_team_without_limits_beside_one_with_are_warnings()
    {
        var warnings = SettingsWarnings.Of(Read("""
            { "Gateway": { "ModelsFolder": "/does/not/exist", "Teams": { "red": { } }, "Keys": [ { "Name": "a", "Key": "sk-12345678", "Team": "red" }, { "Name": "b", "Key": "sk-12345679", "Team": "rde" } ] } }
            """));

        warnings.ShouldBe(["Gateway:ModelsFolder: there is no folder '/does/not/exist'", "Gateway:Keys:1:Team: 'rde' has no limits in Gateway:Teams; it is for usage alone"]);
        SettingsWarnings.Of(Read("""{ "Gateway": { "Keys": [ { "Name": "b", "Key": "sk-12345679", "Team": "blue" } ] } }""")).ShouldBeEmpty();
    }
}
