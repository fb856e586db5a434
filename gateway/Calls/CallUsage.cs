using System.Text.Json;

namespace Gateway.Calls;

/// <summary>Tokens of a call as its upstream counted them, or as they are estimated where it did not. One owner.</summary>
public sealed class CallUsage
{
    /// <summary>Tokens read.</summary>
    public long Prompt { get; private set; }

    /// <summary>Tokens of the prompt that were in a cache.</summary>
    public long Cached { get; private set; }

    /// <summary>Tokens made, reasoning among them.</summary>
    public long Completion { get; private set; }

    /// <summary>Tokens of reasoning.</summary>
    public long Reasoning { get; private set; }

    /// <summary>Whether nobody counted.</summary>
    public bool IsEstimated { get; private set; } = true;

    /// <summary>Events of its stream that have passed so far; others look while it runs.</summary>
    public long Passed { get; set; }

    /// <summary>What is assumed as long as the upstream has not said.</summary>
    public void Estimate(long prompt, long completion)
    {
        if (IsEstimated) (Prompt, Completion) = (prompt, completion);
    }

    /// <summary>Takes over what was counted in another place, if it was.</summary>
    public void Take(CallUsage counted)
    {
        if (!counted.IsEstimated) (Prompt, Cached, Completion, Reasoning, IsEstimated) = (counted.Prompt, counted.Cached, counted.Completion, counted.Reasoning, false);
    }

    /// <summary>Takes over a <c>usage</c> object, at whose beginning the reader is.</summary>
    public void Read(Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        var any = false;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8)) Prompt = Number(ref reader, ref any);
            else if (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8)) Completion = Number(ref reader, ref any);
            else if (reader.ValueTextEquals("cached_tokens"u8)) Cached = Number(ref reader, ref any);
            else if (reader.ValueTextEquals("reasoning_tokens"u8)) Reasoning = Number(ref reader, ref any);
        }

        if (any) IsEstimated = false;
    }

    private static long Number(ref Utf8JsonReader reader, ref bool any)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value)) return 0;
        any = true;
        return Math.Max(0, value);
    }
}
