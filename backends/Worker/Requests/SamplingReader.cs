using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gateway.Engine.Sampling;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;

namespace Gateway.Worker.Requests;

/// <summary>The fields that chat and completions share. Where the request is silent the model's own <c>generation_config.json</c> speaks.</summary>
internal static class SamplingReader
{
    private const int MaxStopTokens = 128;
    private const int MaxBadWords = 256;
    private const int MaxBadWordLength = 256; // characters

    public static SamplingOptions Read(JsonFields fields, LoadedModel model, int? logProbs)
    {
        var defaults = model.Defaults;
        // −1 is how vLLM's users switch top_k off.
        var topK = (int?)fields.Integer("top_k", -1, int.MaxValue) ?? defaults.TopK ?? 0;
        return new SamplingOptions
        {
            Temperature = fields.Number("temperature", 0, 2) ?? defaults.Temperature ?? 1,
            TopP = fields.Number("top_p", 0, 1) ?? defaults.TopP ?? 1,
            TopK = Math.Max(0, topK),
            MinP = fields.Number("min_p", 0, 1) ?? defaults.MinP ?? 0,
            TypicalP = fields.Number("typical_p", 0.001, 1) ?? 1,
            EpsilonCutoff = fields.Number("epsilon_cutoff", 0, 1) ?? 0,
            EtaCutoff = fields.Number("eta_cutoff", 0, 1) ?? 0,
            NoRepeatNgramSize = (int)(fields.Integer("no_repeat_ngram_size", 0, int.MaxValue) ?? 0),
            BadWords = BadWords(fields, model),
            PresencePenalty = fields.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = fields.Number("frequency_penalty", -2, 2) ?? 0,
            RepetitionPenalty = fields.Number("repetition_penalty", 0.01, 100) ?? defaults.RepetitionPenalty ?? 1,
            LogitBias = LogitBias(fields, model.Backend.Card.Vocabulary),
            Seed = fields.Integer("seed", long.MinValue, long.MaxValue),
            LogProbs = logProbs,
        };
    }

    /// <summary>Tokens that end the answer: the model's own and the request's <c>stop_token_ids</c>.</summary>
    public static ImmutableArray<int> EndTokens(JsonFields fields, LoadedModel model)
    {
        var ends = fields.Flag("ignore_eos") ?? false ? [] : model.Defaults.EndTokens;
        if (fields.Array("stop_token_ids") is not { } more) return ends;
        if (more.GetArrayLength() > MaxStopTokens) throw Problems.ArrayTooLong("stop_token_ids", MaxStopTokens, more.GetArrayLength());
        var last = model.Backend.Card.Vocabulary - 1;
        return [.. ends, .. more.EnumerateArray().Select((id, at) => (int)JsonFields.AsInteger(id, $"stop_token_ids[{at}]", 0, last))];
    }

    /// <summary>End tokens are held back for as long; more than the answer may have is a contradiction.</summary>
    public static int MinTokens(JsonFields fields, long most)
    {
        var least = fields.Integer("min_tokens", 0, int.MaxValue) ?? 0;
        return least <= most ? (int)least : throw Problems.Invalid("min_tokens", $"Invalid 'min_tokens': {least} is more than the {most} tokens that the answer may have.");
    }

    // As vLLM does: a word also counts where it begins a word of the text, if that is one token instead of another.
    private static ImmutableArray<ImmutableArray<int>> BadWords(JsonFields fields, LoadedModel model)
    {
        if (fields.Array("bad_words") is not { } words) return [];
        if (words.GetArrayLength() > MaxBadWords) throw Problems.ArrayTooLong("bad_words", MaxBadWords, words.GetArrayLength());
        var read = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        foreach (var (at, item) in words.EnumerateArray().Index())
        {
            var word = JsonFields.AsText(item, $"bad_words[{at}]").TrimStart();
            if (word.Length > MaxBadWordLength) throw Problems.TextTooLong($"bad_words[{at}]", MaxBadWordLength, word.Length);
            int[] bare = Encode(word), spaced = Encode(" " + word);
            if (bare.Length == 0) throw Problems.Invalid($"bad_words[{at}]", $"Invalid 'bad_words[{at}]': a word cannot be empty.");
            read.Add([.. bare]);
            if (spaced.Length == bare.Length && spaced[0] != bare[0]) read.Add([.. spaced]);
        }

        return read.ToImmutable();

        int[] Encode(string text) => model.Tokenizer.Encode(text, addSpecialTokens: false);
    }

    private static ImmutableDictionary<int, float> LogitBias(JsonFields fields, int vocabulary)
    {
        if (fields.Object("logit_bias") is not { } biases) return ImmutableDictionary<int, float>.Empty;
        var read = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var entry in biases.Element.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id >= vocabulary)
                throw Problems.Invalid("logit_bias", $"Invalid key in 'logit_bias': keys are token ids from 0 to {vocabulary - 1} of this model.");
            read[id] = (float)JsonFields.AsNumber(entry.Value, $"logit_bias.{id}", -100, 100);
        }

        return read.ToImmutable();
    }
}
