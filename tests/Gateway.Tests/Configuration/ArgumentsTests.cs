using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>What may stand on the command line.</summary>
public sealed class ArgumentsTests
{
    [Theory]
    [InlineData("'--nope' is not an option", "--nope")]
    [InlineData("'--nope' is not an option", "--nope", "value")]
    [InlineData("'--ulrs' is not an option; is '--urls' meant?", "--ulrs=http://localhost:1")]
    [InlineData("'--Gatway:AdminKey' is not an option; is '--Gateway:AdminKey' meant?", "--Gatway:AdminKey=12345678")]
    [InlineData("'nope' is not an option", "nope=1")]
    [InlineData("'--config' needs a value", "--config")]
    [InlineData("'--config' needs a value", "--config", "--urls=http://localhost:1")]
    [InlineData("A file of settings is named by '--config FILE'", "--config=")]
    [InlineData("'--urls' needs a value", "--urls")]
    [InlineData("'more' is not known", "serve", "more")]
    [InlineData("'more' is not known", "config", "show", "--urls", "x", "more")]
    [InlineData("'-x=1' is not an option; they begin with two dashes", "-x=1")]
    [InlineData("'-x=1' is not an option; they begin with two dashes", "pull", "-x=1")]
    public void What_would_be_ignored_is_an_error(string error, params string[] args) => Should.Throw<ConfigurationException>(() => GatewayApp.Configure(args)).Errors.ShouldBe([error]);

    [Theory]
    [InlineData("--urls", "http://localhost:1", "--environment", "Development", "--contentRoot", "/tmp")]
    [InlineData("serve", "--Logging:LogLevel:Default=Debug", "--Kestrel:Limits:MaxConcurrentConnections", "5", "/Gateway:AllowAnonymous", "true", "Gateway:Console=false", "--OTEL_SERVICE_NAME=x")]
    [InlineData("config", "show", "--gateway:allowanonymous=true", "--Gateway:Models:m:Retries", "-1")]
    [InlineData("pull", "org/name", "--name", "x")]
    [InlineData("keys", "create", "--expires", "2027-01-01")]
    public void What_is_understood_is_none(params string[] args) => Should.NotThrow(() => Arguments.Check(args));

    [Fact]
    public void All_that_is_wrong_is_said_at_once() => Should.Throw<ConfigurationException>(() => Arguments.Check(["--nope", "--urls", "x", "word"])).Errors.ShouldBe(["'--nope' is not an option", "'word' is not known"]);

    [Fact]
    public void A_file_of_settings_may_be_named_with_an_equals_sign() =>
        GatewayConfiguration.Files(["--config=a.json", "--config", "b.json"]).Skip(2).ShouldBe([(Path.GetFullPath("a.json"), false), (Path.GetFullPath("b.json"), false)]);

    [Fact]
    public void Version_and_help_are_printed_wherever_they_stand()
    {
        Verbs.Help(["--urls", "x", "--version"]).ShouldBe(("gateway 0.1.0", false));
        Verbs.Help(["--urls", "x", "--help"])!.Value.Text.ShouldContain("gateway --version | --help");
        Verbs.Help(["--urls", "x"]).ShouldBeNull();
    }

    [Theory]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("zzz")]
    [InlineData("ftp://localhost:1")]
    [InlineData("http://localhost:1/below")]
    public void An_address_that_is_none_is_named(string url) => Should.Throw<IOException>(() => ListenAddresses.Check("http://localhost:1;" + url, null)).Message.ShouldBe($"'{url}' is none; http://HOST:PORT is expected");

    [Fact]
    public void Administration_has_a_port_of_its_own()
    {
        Should.Throw<ConfigurationException>(() => ListenAddresses.Check("http://localhost:1;http://localhost:2", "http://127.0.0.1:2")).Message.ShouldStartWith("Gateway:AdminUrls: 'http://127.0.0.1:2' has a port of the public addresses");
        Should.NotThrow(() => ListenAddresses.Check("http://localhost:1;http://127.0.0.1:0;http://unix:/tmp/a.sock", "http://127.0.0.1:2"));
    }
}
