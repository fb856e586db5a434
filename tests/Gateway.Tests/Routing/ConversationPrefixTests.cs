using System.Text;
using Gateway.Calls;

namespace Gateway.Tests.Routing;

public class ConversationPrefixTests
{
    private const string System = """{"role":"system","content":"be kind"}""";
    private const string First = """{"role":"user","content":"what is a gateway?"}""";
    private const string Answer = """{"role":"assistant","content":"a door"}""";
    private const string Second = """{"role":"user","content":"and a door?"}""";

    private static ulong Of(string body) => ConversationPrefix.Of(RequestBody.Parse(Encoding.UTF8.GetBytes(body)));

    private static ulong Chat(params string[] messages) => Of($$"""{"model":"m","messages":[{{string.Join(',', messages)}}],"seed":{{messages.Length}}}""");

    [Fact]
    public void It_stays_when_the_conversation_goes_on()
    {
        var first = Chat(System, First);

        first.ShouldNotBe(0UL);
        Chat(System, First, Answer, Second).ShouldBe(first);
        Chat(System, First, Answer, Second, Answer, First).ShouldBe(first);
    }

    [Fact]
    public void Another_question_or_another_system_prompt_is_another_conversation()
    {
        var first = Chat(System, First);

        Chat(System, Second).ShouldNotBe(first);
        Chat(First).ShouldNotBe(first);
        Chat(System.Replace("kind", "terse"), First).ShouldNotBe(first);
    }

    [Fact]
    public void A_long_prompt_counts_by_its_beginning()
    {
        var start = new string('x', 300);

        Of($$"""{"model":"m","prompt":"{{start}}"}""").ShouldBe(Of($$"""{"model":"m","prompt":"{{start}} and more"}"""));
        Of($$"""{"model":"m","prompt":"{{start}}"}""").ShouldNotBe(Of($$"""{"model":"m","prompt":"y{{start}}"}"""));
    }

    [Theory]
    [InlineData("""{"model":"m"}""", true)]
    [InlineData("""{"model":"m","messages":[]}""", false)]
    [InlineData("""{"model":"m","messages":null}""", false)]
    [InlineData("""{"model":"m","messages":[1,2]}""", false)]
    [InlineData("""{"model":"m","messages":[{"role":7}]}""", false)]
    [InlineData("""{"model":"m","messages":"hi"}""", false)]
    [InlineData("""{"model":"m","input":["a","b"]}""", false)]
    public void Anything_is_taken(string body, bool none) => (Of(body) == 0).ShouldBe(none);
}
