using System.Text.Json.Nodes;

namespace Gateway.Engine.Models;

/// <summary>Rotary position embeddings (Su et al., 2021), scaling included: frequencies, and a factor on cosine and sine.</summary>
/// <param name="InverseFrequencies">Radians a position, one for each pair of dimensions: [headDim / 2].</param>
/// <param name="Attention">Multiplies cosine and sine (yarn); 1 otherwise.</param>
public sealed record RotarySpec(IReadOnlyList<double> InverseFrequencies, double Attention = 1)
{
    internal static RotarySpec From(ConfigReader read, int dimensions, int context)
    {
        // Since transformers 5 one dictionary holds base and scaling; before, the base stood beside it.
        var scaling = read.Config["rope_parameters"] as JsonObject ?? read.Config["rope_scaling"] as JsonObject ?? [];
        var own = new ConfigReader(scaling, "rope parameters");
        double Number(string name, double absent) => Wrapped(read, () => own.Real(name, absent));
        var theta = scaling["rope_theta"] is null ? read.Real("rope_theta", 10_000) : Number("rope_theta", 10_000);
        if (Number("partial_rotary_factor", read.Real("partial_rotary_factor", 1)) != 1) throw read.Bad("a partial_rotary_factor is not supported for this family");
        if (!(theta > 0)) throw read.Bad($"'rope_theta' is {theta}");
        var plain = Plain(theta, dimensions);
        var factor = Number("factor", 1);
        if (!(factor > 0)) throw read.Bad($"the rope factor is {factor}");
        return (own.Text("rope_type") ?? own.Text("type") ?? "default") switch
        {
            "default" => new RotarySpec(plain),
            "linear" => new RotarySpec([.. plain.Select(f => f / factor)]),
            // Within the context, which the server never leaves, dynamic scaling changes nothing.
            "dynamic" => new RotarySpec(plain),
            "llama3" => new RotarySpec([.. plain.Select(f => Llama3(f, factor, Number("low_freq_factor", 1), Number("high_freq_factor", 4), Number("original_max_position_embeddings", 8192)))]),
            "yarn" => Yarn(plain, theta, dimensions, factor, Number, own.Flag("truncate", true), Number("original_max_position_embeddings", context)),
            var other => throw read.Bad($"the rope type '{other}' is not supported"),
        };
    }

    private static double[] Plain(double theta, int dimensions) => [.. Enumerable.Range(0, dimensions / 2).Select(i => Math.Pow(theta, -2.0 * i / dimensions))];

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
    private static RotarySpec Yarn(double[] plain, double theta, int dimensions, double factor, Func<string, double, double> number, bool truncate, double original)
    {
        double Turning(double turns) => dimensions * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
        var (low, high) = (Turning(number("beta_fast", 32)), Turning(number("beta_slow", 1)));
        if (truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, dimensions - 1));
        if (low == high) high += 0.001;
        var frequencies = plain.Select((f, i) =>
        {
            var ramp = Math.Clamp((i - low) / (high - low), 0, 1);
            return (f / factor * ramp) + (f * (1 - ramp));
        });
        var (mscale, mscaleAll) = (number("mscale", 0), number("mscale_all_dim", 0));
        double Scale(double by) => factor <= 1 ? 1 : (0.1 * by * Math.Log(factor)) + 1;
        var attention = number("attention_factor", mscale != 0 && mscaleAll != 0 ? Scale(mscale) / Scale(mscaleAll) : Scale(1));
        return new RotarySpec([.. frequencies], attention);
    }

    private static double Wrapped(ConfigReader read, Func<double> number)
    {
        try
        {
            return number();
        }
        catch (ModelFolderException e)
        {
            throw read.Bad(e.Message);
        }
    }
}
