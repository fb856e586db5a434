using Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests.Keys;

public class KeyOptionsTests
{
    private static GatewayOptions Read(params (string Key, string Value)[] settings) =>
        GatewayConfiguration.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("Gateway:" + setting.Key, (string?)setting.Value))).Build());

    [Fact]
    public void Every_mistake_is_named_at_once_and_no_key_is_shown()
    {
        var errors = Should.Throw<ConfigurationException>(() => Read(
            ("AdminKey", "the-admin-key"),
            ("Keys:0:Key", "secret-1"), // no name
            ("Keys:1:Name", "admin"), ("Keys:1:Key", "short"),
            ("Keys:2:Name", "a"), ("Keys:2:Key", "the-admin-key"), ("Keys:2:Scopes:0", "everything"),
            ("Keys:3:Name", "a"), ("Keys:3:Key", "secret-1"), ("Keys:3:RequestsPerMinute", "-1"), ("Keys:3:QueueTimeout", "02:00:00"),
            ("Keys:4:Name", "b"), ("Keys:4:Models", ""), ("Keys:4:Scopes", ""), ("Keys:4:Expires", "soon"), ("Teams:t:BudgetPerDay", "-0.5"))).Errors;

        foreach (var start in (string[])
            ["Gateway:Keys:0:Name", "Gateway:Keys:1:Name", "Gateway:Keys:1:Key", "Gateway:Keys:2:Key", "Gateway:Keys:2:Scopes", "Gateway:Keys:3:Name", "Gateway:Keys:3:Key", "Gateway:Keys:3:RequestsPerMinute", "Gateway:Keys:3:QueueTimeout", "Gateway:Keys:4:Key", "Gateway:Keys:4:Models", "Gateway:Keys:4:Scopes", "Gateway:Keys:4:Expires", "Gateway:Teams:t:BudgetPerDay"])
            errors.Count(error => error.StartsWith(start, StringComparison.Ordinal)).ShouldBe(1, start);
        errors.Count.ShouldBe(14);
        foreach (var secret in (string[])["secret-1", "short", "the-admin-key"]) errors.ShouldAllBe(error => !error.Contains(secret));
    }

    [Fact]
    public void Everything_that_the_contract_names_can_be_said()
    {
        var options = Read(
            ("Keys:0:Name", "a"), ("Keys:0:Key", "sk-aaaaaaaa"), ("Keys:0:Team", "t"), ("Keys:0:Scopes:0", "inference"), ("Keys:0:Scopes:1", "fine-tuning"), ("Keys:0:Models:0", "gpt-4*"),
            ("Keys:0:Expires", "2027-01-31T00:00:00"), ("Keys:0:RequestsPerMinute", "60"), ("Keys:0:TokensPerDay", "100000"), ("Keys:0:MaxConcurrent", "8"), ("Keys:0:QueueTimeout", "00:00:05"), ("Keys:0:BudgetPerMonth", "20.5"),
            ("Teams:t:RequestsPerDay", "7"));

        var key = options.Keys.ShouldHaveSingleItem();
        key.Expires.ShouldBe(new DateTimeOffset(2027, 1, 31, 0, 0, 0, TimeSpan.Zero));
        (key.Team, key.RequestsPerMinute, key.TokensPerDay, key.MaxConcurrent, key.QueueTimeout, key.BudgetPerMonth).ShouldBe(("t", 60, 100_000, 8, TimeSpan.FromSeconds(5), 20.5m));
        key.Scopes.ShouldBe(["inference", "fine-tuning"]);
        key.Models.ShouldBe(["gpt-4*"]); // in place of the default
        options.Teams["t"].RequestsPerDay.ShouldBe(7);
        ConfigCommand.Text(options).ShouldNotContain("sk-aaaaaaaa");
        ConfigCommand.Text(options).ShouldContain("\"RequestsPerMinute\": 60");
    }
}
