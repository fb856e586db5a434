using Gateway.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Gateway.Tests.Configuration;

/// <summary>Names of models have a case, and keys of settings have none.</summary>
public sealed class NameCaseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string File(string name, string json)
    {
        var path = Path.Combine(folder.Path, name);
        System.IO.File.WriteAllText(path, json);
        return path;
    }

    private static GatewayOptions Read(params string[] files)
    {
        var configuration = new ConfigurationBuilder();
        foreach (var file in files) configuration.Add(new JsonSettings(file, optional: false));
        return GatewayConfiguration.Read(configuration.Build());
    }

    private static string Model(string name, int retries = 1) => $$"""{ "Gateway": { "Upstreams": { "east": { "Address": "http://127.0.0.1:1/v1" } }, "Models": { "{{name}}": { "Targets": [ { "Upstream": "east" } ], "Retries": {{retries}} } } } }""";

    [Fact]
    public void Two_names_of_one_file_that_differ_only_in_case_are_an_error_that_names_both()
    {
        var file = File("a.json", """{ "Gateway": { "Upstreams": { "east": { "Address": "http://127.0.0.1:1/v1" }, "East": { "Address": "http://127.0.0.1:2/v1" } }, "Models": { "GPT-4": { "Targets": [ { "Upstream": "east" } ] }, "gpt-4": { "Targets": [ { "Upstream": "east" } ] } } } }""");

        var errors = Should.Throw<ConfigurationException>(() => Read(file)).Errors;

        errors.ShouldContain($"Gateway:Upstreams ({file}): 'east' and 'East' differ only in case, which settings do not tell apart");
        errors.ShouldContain($"Gateway:Models ({file}): 'GPT-4' and 'gpt-4' differ only in case, which settings do not tell apart");
        errors.Count.ShouldBe(2);
    }

    [Fact]
    public void Two_names_of_two_files_are_one_as_well_and_the_error_names_the_files()
    {
        var (first, second) = (File("a.json", Model("llama3:8B")), File("b.json", Model("llama3:8b")));

        Should.Throw<ConfigurationException>(() => Read(first, second)).Errors.ShouldHaveSingleItem()
            .ShouldBe($"Gateway:Models: 'llama3:8B' ({first}) and 'llama3:8b' ({second}) differ only in case, which settings do not tell apart");
    }

    [Fact]
    public void The_same_name_in_two_files_is_one_model_and_the_later_file_wins() =>
        Read(File("a.json", Model("m", retries: 1)), File("b.json", Model("m", retries: 3))).Models.ShouldHaveSingleItem().Value.Retries.ShouldBe(3);

    [Fact]
    public void A_setting_that_stands_twice_in_one_object_is_an_error() =>
        Should.Throw<ConfigurationException>(() => Read(File("a.json", """{ "Gateway": { "AdminKey": "the-admin-key", "adminkey": "an-admin-key", "Models": {}, "Models": {} } }"""))).Errors.Count.ShouldBe(2);

    [Fact]
    public void The_environment_and_arguments_change_a_model_of_a_file_in_any_case_and_its_name_stays_as_the_file_has_it()
    {
        var configuration = new ConfigurationBuilder().Add(new JsonSettings(File("a.json", Model("SmolLM2")), optional: false))
            .Add(new MemoryConfigurationSource { InitialData = [KeyValuePair.Create("GATEWAY:MODELS:SMOLLM2:RETRIES", (string?)"7")] });

        var model = GatewayConfiguration.Read(configuration.Build()).Models.ShouldHaveSingleItem();

        (model.Key, model.Value.Retries).ShouldBe(("SmolLM2", 7));
    }

    [Fact]
    public void Names_are_told_apart_by_case_when_they_are_asked_for()
    {
        var model = new Gateway.Models.ModelCatalogue([new("GPT-4", new ModelOptions(), [Targets.At("u")], 0)]);

        model.Find("GPT-4").ShouldNotBeNull();
        model.Find("gpt-4").ShouldBeNull();
    }

    public void Dispose() => folder.Dispose();
}
