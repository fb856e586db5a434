namespace Gateway.Worker.Tests.Tools;

/// <summary>What a splitter made of an answer.</summary>
internal sealed record ReadAnswer(string Content, IReadOnlyList<(string Name, string Arguments)> Calls, int Complete)
{
    public void ShouldBeLike(ReadAnswer other, string text)
    {
        Content.ShouldBe(other.Content, text);
        Calls.ShouldBe(other.Calls, text);
        Complete.ShouldBe(other.Complete, text);
    }
}
