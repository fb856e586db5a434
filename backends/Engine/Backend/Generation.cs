using System.Threading.Channels;
using Gateway.Engine.Constraints;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Backend;

/// <summary>A sequence with what its caller wants of it. The engine's thread owns all but the channel's reading end.</summary>
internal sealed class Generation(long id, GenerationRequest request, long seed)
    : Sequence(id, request.Prompt.Span, request.MaxNewTokens, request.PromptLogProbs is not null)
{
    // Bounded by MaxNewTokens, so a slow reader costs a bounded amount and never the engine's thread.
    private readonly Channel<TokenEvent> events = Channel.CreateUnbounded<TokenEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = false });

    public GenerationRequest Request { get; } = request;

    public Chance Chance { get; } = new(seed);

    /// <summary>Where the answer stands in its grammar.</summary>
    public GrammarMatcher? Matcher { get; } = request.Constraint?.Matcher();

    public TokenCounts? Counts { get; } = Counted(request);

    /// <summary>Filled while the prompt is scored; the first token has no probability.</summary>
    public List<TokenLogProbs?>? PromptLogProbs { get; } = request.PromptLogProbs is null ? null : [null];

    public ChannelReader<TokenEvent> Events => events.Reader;

    public bool FirstEventSent { get; private set; }

    /// <summary>When it came, as a timestamp.</summary>
    public long Arrived { get; init; }

    /// <summary>When the first step that computed any of it began.</summary>
    public long? Taken { get; set; }

    /// <summary>When its first token came.</summary>
    public long? FirstToken { get; set; }

    /// <summary>When its latest token came.</summary>
    public long? LastToken { get; set; }

    /// <summary>Until the first step that computed any of it.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Whether its reader stopped reading, and was not called off: the answer was long enough.</summary>
    public bool WasEnough { get; set; }

    /// <summary>Set by whoever abandons it first, or by the engine when it ends.</summary>
    public int Ended;

    /// <summary>Whether it still counts against the inbox.</summary>
    public bool InInbox { get; set; } = true;

    public void Publish(int token, TokenLogProbs? logProbs, FinishReason? finish)
    {
        var first = !FirstEventSent;
        FirstEventSent = true;
        events.Writer.TryWrite(new TokenEvent(token, logProbs, finish, first ? CachedTokens : 0, first ? PromptLogProbs : null) { Waited = first ? Waited : default });
        if (finish is not null) events.Writer.TryComplete();
    }

    public void Fail(Exception e) => events.Writer.TryComplete(e);

    private static TokenCounts? Counted(GenerationRequest request)
    {
        var options = request.Sampling;
        if (options is { PresencePenalty: 0, FrequencyPenalty: 0, RepetitionPenalty: 1 }) return null;
        var counts = new TokenCounts();
        counts.AddPrompt(request.Prompt.Span);
        return counts;
    }
}
