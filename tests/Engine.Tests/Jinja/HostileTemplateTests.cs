using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Text;
using Gateway.Engine.Text.Jinja;

namespace Gateway.Engine.Tests.Jinja;

/// <summary>A template is text supplied by a model: whatever it does ends soon, in an error that says why.</summary>
public class HostileTemplateTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20); // generous: machines are shared, and an endless loop fails any bound

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "too long")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "too deep")]
    [InlineData("{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}", "too deep")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "too deep")]
    [InlineData("{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}", "text of more than")]
    [InlineData("{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}", "text of more than")]
    [InlineData("{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99) %}{% set ns.s = ns.s|replace('x', 'xxxx') %}{% endfor %}", "text of more than")]
    [InlineData("{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s]|join('x') %}{% endfor %}", "text of more than")]
    [InlineData("{% set ns = namespace(l=['a']) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}", "too large")]
    [InlineData("{% set ns = namespace(d={}) %}{% for i in range(99) %}{% set ns.d = {'a': ns.d, 'b': ns.d} %}{% endfor %}{{ ns.d|tojson }}", "too large")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}", "nested more than")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l == ns.l }}{{ [ns.l] == [[ns.l]] }}", "nested more than")]
    [InlineData("{% set a = namespace() %}{% set b = namespace() %}{% set a.x = [b] %}{% set b.x = [a] %}{% for i in range(9999999) %}{{ a == b }}{% endfor %}", "Range too big")]
    [InlineData("{{ (['x' * 100] * 30000)|map('replace', 'x', 'y' * 10000)|list }}", "too l")]
    [InlineData("{% set s = 'x' * 1000000 %}{{ range(100000)|map('string')|select('in', s)|list }}", "too long")]
    [InlineData("{{ ([[1, 2, 3, 4]] * 100000)|sum(start=[]) }}", "too large")]
    [InlineData("{{ ('<' * 1000000)|striptags|length }}{{ range(10 ** 9) }}", "Range too big")]
    [InlineData("{{ 'x' * 10 ** 12 }}", "too large")]
    [InlineData("{{ [0] * 10 ** 12 }}", "too large")]
    [InlineData("{{ 10 ** (10 ** 10) }}", "too large")]
    [InlineData("{{ range(10 ** 9)|list }}", "Range too big")]
    [InlineData("{{ 'a'.center(10 ** 9) }}", "too large")]
    [InlineData("{{ 'a'.ljust(10 ** 9) }}", "too large")]
    [InlineData("{{ '%999999999d' % 1 }}", "width")]
    [InlineData("{{ '{:999999999}'.format(1) }}", "width")]
    [InlineData("{{ ('x' * 100000).replace('', 'y' * 100000) }}", "text of more than")]
    [InlineData("{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}", "writes too much")]
    [InlineData("{% set s = 'x' * 1000000 %}{% for i in range(100000) %}{{ 'y' in s }}{% endfor %}", "too long")]
    [InlineData("{% set s = 'x' * 1000000 %}{% for i in range(100000) %}{{ s.count('y') }}{% endfor %}", "too long")]
    public void A_hostile_template_ends_soon_and_says_why(string source, string reason)
    {
        var clock = Stopwatch.StartNew();

        Should.Throw<ChatTemplateException>(() => Render(source)).Message.ShouldContain(reason);

        clock.Elapsed.ShouldBeLessThan(Soon);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("{'a':")]
    [InlineData("not ")]
    [InlineData("- ")]
    [InlineData("f(")]
    [InlineData("a if b else ")]
    public void Nesting_of_a_megabyte_is_refused_with_the_file_s_name(string opening) =>
        Should.Throw<ModelFolderException>(() => ChatTemplate.Parse("{{ " + string.Concat(Enumerable.Repeat(opening, 900_000 / opening.Length)), "chat_template.jinja"))
            .Message.ShouldStartWith("chat_template.jinja: ");

    [Theory]
    [InlineData("{% if a %}")]
    [InlineData("{% for a in b %}")]
    [InlineData("{% macro f() %}")]
    public void Blocks_nested_without_end_are_refused(string opening) =>
        Should.Throw<ModelFolderException>(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat(opening, 50_000)), "t"));

    [Theory]
    [InlineData("+1")]
    [InlineData("~1")]
    [InlineData(" or 0")]
    [InlineData("**1")]
    [InlineData("|e|string")]
    [InlineData(" is none")]
    public void A_chain_of_a_megabyte_is_refused_where_the_stack_would_end(string link)
    {
        var template = ChatTemplate.Parse("{{ 0" + string.Concat(Enumerable.Repeat(link, 900_000 / link.Length)) + " }}", "t");

        Should.Throw<ChatTemplateException>(() => Render(template)).Message.ShouldContain("too deep");
    }

    [Theory]
    [InlineData("{{ messages.append(1) }}")]
    [InlineData("{{ messages[0].update({}) }}")]
    [InlineData("{{ messages[0].pop('role') }}")]
    [InlineData("{% set x = namespace(_private=1) %}")]
    [InlineData("{{ ''.__class__.__mro__ }}")]
    [InlineData("{% include '/etc/passwd' %}")]
    public void What_the_sandbox_forbids_fails(string source) =>
(Should.Throw<Exception>(() => Render(source)) is ChatTemplateException or ModelFolderException).ShouldBeTrue();

    [Fact]
    public void A_syntax_error_names_the_file_and_the_line() =>
        Should.Throw<ModelFolderException>(() => ChatTemplate.Parse("a\n{% if %}", "tokenizer_config.json")).Message.ShouldSatisfyAllConditions(m => m.ShouldStartWith("tokenizer_config.json: "), m => m.ShouldContain("line 2"));

    private static string Render(string source) => Render(ChatTemplate.Parse(source, "t"));

    private static string Render(ChatTemplate template) => template.Render(new ChatTemplateInput([new JsonObject { ["role"] = "user", ["content"] = "Hello" }]));
}
