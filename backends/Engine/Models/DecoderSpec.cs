using System.Text.Json.Nodes;
using Gateway.Engine.Models.Families;
using Gateway.Engine.Runner;

namespace Gateway.Engine.Models;

/// <summary>A decoder described by data: everything an engine must know to compute it, and where its weights are called what.</summary>
public sealed record DecoderSpec
{
    /// <summary>The family, such as <c>llama</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    /// <summary>Width inside the feed-forward part.</summary>
    public required int Intermediate { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; each serves Heads / KvHeads query heads.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Width of a head.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Width of a row of logits.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Most positions.</summary>
    public required int ContextLength { get; init; }

    /// <summary>How the residual stream is normalized.</summary>
    public required NormKind Norm { get; init; }

    /// <summary>Inside the norms' square root.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>The feed-forward part's nonlinearity.</summary>
    public required Activation Activation { get; init; }

    /// <summary>How positions enter.</summary>
    public required PositionKind Position { get; init; }

    /// <summary>What distinguishes the layers from each other, one entry for each.</summary>
    public required IReadOnlyList<LayerSpec> LayerSpecs { get; init; }

    /// <summary>Multiplies the scores; 1/√headDim unless a family says otherwise.</summary>
    public required double ScoreScale { get; init; }

    /// <summary>Scores are bent to ± this by a tanh (Gemma 2).</summary>
    public double? ScoreCap { get; init; }

    /// <summary>Logits are bent to ± this by a tanh (Gemma 2).</summary>
    public double? LogitCap { get; init; }

    /// <summary>Multiplies the embedding (Gemma: √hidden).</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>Width of the embedding where it is not that of the residual stream (OPT-350m).</summary>
    public int? EmbeddingWidth { get; init; }

    /// <summary>Row of the position table that position 0 has (OPT: 2).</summary>
    public int PositionOffset { get; init; }

    /// <summary>Whether a norm multiplies by 1 + weight (Gemma).</summary>
    public bool UnitOffsetNorm { get; init; }

    /// <summary>Where the norms of a layer stand.</summary>
    public ResidualKind Residual { get; init; }

    /// <summary>Whether the feed-forward part multiplies by a gate (SwiGLU).</summary>
    public bool Gated { get; init; }

    /// <summary>Set where layers choose among experts.</summary>
    public ExpertSpec? Experts { get; init; }

    /// <summary>Whether the head is the embedding.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Set where keys depend on the length of their sequence.</summary>
    public LengthScaling? Scaling => LayerSpecs.Select(layer => layer.Rotary?.Scaling).FirstOrDefault(scaling => scaling is not null);

    /// <summary>Names and layouts of the weights.</summary>
    public required DecoderNames Names { get; init; }

    /// <summary>The families that are known.</summary>
    public static IReadOnlyCollection<string> Families => Known.Families.Keys;

    /// <summary>Reads a <c>config.json</c>, in the style before transformers 5 or since.</summary>
    /// <param name="config">The object.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ModelFolderException">The family is not known, or a key that changes the numbers is not understood.</exception>
    public static DecoderSpec FromConfig(JsonObject config, string file)
    {
        var read = new ConfigReader(config, file);
        var family = read.Text("model_type") ?? throw read.Bad("does not say its 'model_type'");
        if (!Known.Families.TryGetValue(family, out var make))
            throw read.Bad($"the architecture '{family}' is not supported; known are {string.Join(", ", Known.Families.Keys.Order(StringComparer.Ordinal))}");
        if (config["quantization_config"] is not null) throw read.Bad("'quantization_config' is not supported");
        var spec = make(read);
        read.RefuseUnread();
        if (spec.LayerSpecs.Count != spec.Layers) throw read.Bad($"describes {spec.LayerSpecs.Count} layers, not {spec.Layers}");
        if (spec.Heads % spec.KvHeads != 0) throw read.Bad($"{spec.Heads} heads cannot share {spec.KvHeads} key-value heads evenly");
        return spec;
    }
}

/// <summary>Kinds of normalization.</summary>
public enum NormKind
{
    /// <summary>Mean and variance, weight and bias.</summary>
    LayerNorm,

    /// <summary>Root mean square, weight only.</summary>
    RmsNorm,
}

/// <summary>Nonlinearities.</summary>
public enum Activation
{
    /// <summary>x · σ(x).</summary>
    Silu,

    /// <summary>The tanh approximation of GELU.</summary>
    GeluTanh,

    /// <summary>GELU by the error function.</summary>
    Gelu,

    /// <summary>max(x, 0).</summary>
    Relu,
}

/// <summary>Where the norms of a layer stand.</summary>
public enum ResidualKind
{
    /// <summary>x + attention(norm(x)), then the same with the feed-forward part.</summary>
    NormBefore,

    /// <summary>norm(x + attention(x)) (OPT-350m).</summary>
    NormAfter,

    /// <summary>x + attention(norm(x)) + feedForward(norm(x)) (GPT-NeoX).</summary>
    Parallel,
}

/// <summary>How positions enter a decoder.</summary>
public enum PositionKind
{
    /// <summary>A learned vector added to the embedding.</summary>
    Learned,

    /// <summary>Queries and keys are turned (RoPE).</summary>
    Rotary,

    /// <summary>A slope on the distance in each head (ALiBi).</summary>
    Alibi,
}
