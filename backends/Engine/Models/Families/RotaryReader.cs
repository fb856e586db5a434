using System.Text.Json.Nodes;
using Gateway.Engine.Runner;

namespace Gateway.Engine.Models.Families;

/// <summary>Reads base and scaling of rotary embeddings from either style of <c>config.json</c>.</summary>
internal static class RotaryReader
{
    /// <param name="read">The configuration.</param>
    /// <param name="baseWhenAbsent">The family's base.</param>
    /// <param name="partWhenAbsent">The part of a head that turns, by the family.</param>
    /// <param name="originalWhenAbsent">The context before scaling, by the family; null for max_position_embeddings.</param>
    /// <param name="headWhenAbsent">The head size, by the family; null for the hidden size shared out.</param>
    /// <param name="of">The kind of layer, where each has a dictionary of its own.</param>
    public static RotarySpec Read(ConfigReader read, double baseWhenAbsent = 10_000, double partWhenAbsent = 1, int? originalWhenAbsent = null, int? headWhenAbsent = null, string? of = null)
    {
        // Since transformers 5 one dictionary holds base, part and scaling; before, base and part stood beside it.
        var (newer, older) = (read.Object("rope_parameters"), read.Object("rope_scaling"));
        var own = read.Inner(of is null ? newer ?? older ?? [] : newer![of] as JsonObject ?? throw read.Bad($"'rope_parameters' has no '{of}'"), "rope parameters");
        var theta = own.Real("rope_theta", read.Real("rope_theta", read.Real("rotary_emb_base", baseWhenAbsent)));
        var part = own.Real("partial_rotary_factor", read.Real("partial_rotary_factor", read.Real("rotary_pct", partWhenAbsent)));
        var head = LlamaLike.HeadDim(read, headWhenAbsent);
        var dimensions = (int)(head * part);
        if (!(theta > 0)) throw read.Bad($"'rope_theta' is {theta}");
        if (dimensions is <= 0 || dimensions % 2 != 0 || dimensions > head) throw read.Bad($"rotary embeddings turn an even part of a head, not {dimensions} of {head} dimensions: an even head size is needed");
        var plain = Frequencies(theta, dimensions);
        var factor = own.Real("factor", 1);
        if (!(factor > 0)) throw read.Bad($"the rope factor is {factor}");
        var context = read.Size("max_position_embeddings");
        var original = own.OptionalSize("original_max_position_embeddings");
        var spec = (own.Text("rope_type") ?? own.Text("type") ?? "default") switch
        {
            "default" => new RotarySpec(plain),
            "linear" => new RotarySpec([.. plain.Select(f => f / factor)]),
            "dynamic" => Dynamic(plain, theta, dimensions, factor, context),
            "llama3" => new RotarySpec([.. plain.Select(f => Llama3(f, factor, own.Real("low_freq_factor", 1), own.Real("high_freq_factor", 4), original ?? 8192))]),
            "yarn" => Yarn(plain, theta, dimensions, factor, own, original ?? context),
            // The size beside the dictionary wins over the one inside.
            "longrope" or "su" => LongRope(plain, own, read.OptionalSize("original_max_position_embeddings") ?? original ?? originalWhenAbsent ?? context, context),
            var other => throw read.Bad($"the rope type '{other}' is not supported"),
        };
        own.Ignore("rope_type", "type", "original_max_position_embeddings", "factor", "max_position_embeddings");
        own.RefuseUnread();
        return spec;
    }

    /// <summary>Unscaled, with a base of its own.</summary>
    public static RotarySpec Plain(ConfigReader read, double theta, int headWhenAbsent) => new(Frequencies(theta, LlamaLike.HeadDim(read, headWhenAbsent)));

    /// <summary>Most positions: what the model was made for, stretched where a dynamic scaling says by how much.</summary>
    public static int Context(ConfigReader read)
    {
        var context = read.Size("max_position_embeddings");
        var scaling = read.Inner(read.Object("rope_parameters") ?? read.Object("rope_scaling") ?? [], "rope parameters");
        return (scaling.Text("rope_type") ?? scaling.Text("type")) == "dynamic" ? (int)Math.Min(context * scaling.Real("factor", 1), 1 << 24) : context;
    }

    private static double[] Frequencies(double theta, int dimensions) => [.. Enumerable.Range(0, dimensions / 2).Select(i => Math.Pow(theta, -2.0 * i / dimensions))];

    /// <summary>Past the context the base grows with the length. A key keeps the turn that it was written with, as in transformers' cached generation.</summary>
    private static RotarySpec Dynamic(double[] plain, double theta, int dimensions, double factor, int context) => new(plain)
    {
        Scaling = new LengthScaling(context, Restarts: false),
        Stretched = length => Frequencies(theta * Math.Pow((factor * length / context) - (factor - 1), dimensions / (dimensions - 2.0)), dimensions),
    };

    /// <summary>LongRoPE (Ding et al., 2024): one list of factors up to the original context, another past it, for all positions of the sequence.</summary>
    private static RotarySpec LongRope(double[] plain, ConfigReader own, int original, int context)
    {
        double[] Factors(string name)
        {
            var factors = own.Reals(name) ?? throw own.Bad($"longrope has no '{name}'");
            if (factors.Count != plain.Length) throw own.Bad($"'{name}' has {factors.Count} factors for {plain.Length} frequencies");
            if (factors.Any(factor => !(factor > 0))) throw own.Bad($"'{name}' has a factor that is not positive");
            return [.. plain.Zip(factors, (f, factor) => f / factor)];
        }

        var factor = own.Real("factor", (double)context / original);
        var attention = own.Real("attention_factor", factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(original))));
        var far = Factors("long_factor");
        return new RotarySpec(Factors("short_factor"), attention) { Scaling = new LengthScaling(original, Restarts: true), Stretched = _ => far };
    }

    /// <summary>Long waves are stretched, short ones kept, those between blended (Llama 3.1).</summary>
    private static double Llama3(double frequency, double factor, double low, double high, double original)
    {
        var wave = 2 * Math.PI / frequency;
        if (wave < original / high) return frequency;
        if (wave > original / low) return frequency / factor;
        var smooth = ((original / wave) - low) / (high - low);
        return ((1 - smooth) * frequency / factor) + (smooth * frequency);
    }

    /// <summary>YaRN (Peng et al., 2023): interpolate slow dimensions, keep fast ones, a ramp between.</summary>
    private static RotarySpec Yarn(double[] plain, double theta, int dimensions, double factor, ConfigReader own, double original)
    {
        double Turning(double turns) => dimensions * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
        var (low, high) = (Turning(own.Real("beta_fast", 32)), Turning(own.Real("beta_slow", 1)));
        if (own.Flag("truncate", true)) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, dimensions - 1));
        if (low == high) high += 0.001;
        var frequencies = plain.Select((f, i) =>
        {
            var ramp = Math.Clamp((i - low) / (high - low), 0, 1);
            return (f / factor * ramp) + (f * (1 - ramp));
        });
        var (mscale, mscaleAll) = (own.Real("mscale", 0), own.Real("mscale_all_dim", 0));
        double Scale(double by) => factor <= 1 ? 1 : (0.1 * by * Math.Log(factor)) + 1;
        var attention = own.Real("attention_factor", mscale != 0 && mscaleAll != 0 ? Scale(mscale) / Scale(mscaleAll) : Scale(1));
        return new RotarySpec([.. frequencies], attention);
    }
}
