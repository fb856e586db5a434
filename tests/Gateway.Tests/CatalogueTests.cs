using Gateway.Configuration;
using Gateway.Models;

namespace Gateway.Tests;

public class CatalogueTests
{
    private static PublishedModel Model(string name, params string[] aliases) =>
        new(name, new ModelOptions { Aliases = [.. aliases] }, [Targets.At("u")], 0);

    [Theory]
    [InlineData("gpt-4", "exact")]
    [InlineData("gpt-4-mini", "long")]
    [InlineData("gpt-3", "short")]
    [InlineData("org/name:tag", "org/name:tag")]
    [InlineData("gpt-", null)]
    [InlineData("unknown", null)]
    public void An_exact_name_wins_then_the_longest_pattern(string asked, string? found)
    {
        var catalogue = new ModelCatalogue([Model("exact", "gpt-4"), Model("short", "gpt-*"), Model("long", "gpt-4-*"), Model("org/name:tag")]);

        catalogue.Find(asked)?.Name.ShouldBe(found);
        (catalogue.Find(asked) is null).ShouldBe(found is null);
    }

    [Fact]
    public void A_published_pattern_stands_for_the_names_that_it_matches_and_is_not_listed()
    {
        var catalogue = new ModelCatalogue([Model("openai/*"), Model("openai/gpt-5")]);

        catalogue.Find("openai/o9")!.Name.ShouldBe("openai/*");
        catalogue.Find("openai/gpt-5")!.Name.ShouldBe("openai/gpt-5");
        catalogue.Models.Select(model => model.Name).ShouldBe(["openai/gpt-5"]);
    }

    [Fact]
    public void Sub_folders_and_gguf_files_are_found_and_settings_go_before_them()
    {
        var folder = Directory.CreateTempSubdirectory("models-").FullName;
        try
        {
            foreach (var name in (string[])["b", "a"]) Directory.CreateDirectory(Path.Combine(folder, name));
            File.WriteAllText(Path.Combine(folder, "c.gguf"), "");
            var options = new GatewayOptions { ModelsFolder = folder, EmbeddedModel = false, Models = { ["a"] = new ModelOptions { Path = Shared.TinyChat, Context = 7 } } };

            var found = ModelDiscovery.Find(options);

            found.Select(model => model.Name).Order().ShouldBe(["a", "b", "c"]);
            found.Single(model => model.Name == "a").Options.Context.ShouldBe(7);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_embedded_model_loads_at_start_only_when_it_is_alone()
    {
        var absent = Path.Combine(Path.GetTempPath(), "no-such-folder");

        ModelDiscovery.Find(new GatewayOptions { ModelsFolder = absent }).ShouldHaveSingleItem().Options.Preload.ShouldBeTrue();
        ModelDiscovery.Find(new GatewayOptions { ModelsFolder = absent, Models = { ["x"] = new ModelOptions { Path = Shared.TinyChat } } })
            .Single(model => model.Name == "tiny-chat").Options.Preload.ShouldBeFalse();
    }
}
