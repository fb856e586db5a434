using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Encoders;

/// <summary>An encoder (attention in both directions) described by data: everything an engine must know to compute it.</summary>
public sealed record EncoderSpec
{
    /// <summary>The family, such as <c>bert</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    /// <summary>Width inside the feed-forward part.</summary>
    public required int Intermediate { get; init; }

    /// <summary>Attention heads; a head is Hidden / Heads wide.</summary>
    public required int Heads { get; init; }

    /// <summary>Rows of the token embedding.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Most tokens of one text, special ones included.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Row of the position table that the first token takes: RoBERTa's begin after its padding id.</summary>
    public int FirstPosition { get; init; }

    /// <summary>Rows of the token type table; 0 for none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>Whether the norms stand before attention and feed-forward (ModernBERT) and not after their residual sums (BERT).</summary>
    public bool NormFirst { get; init; }

    /// <summary>Inside the norms' square root.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>The feed-forward part's nonlinearity.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Whether the feed-forward part multiplies by a gate.</summary>
    public bool Gated { get; init; }

    /// <summary>How each layer turns queries and keys and how far it sees: one entry a layer, or empty for learned positions and full sight.</summary>
    public IReadOnlyList<EncoderLayerSpec> LayerKinds { get; init; } = [];

    /// <summary>Kinds of distance that attention knows a bias for, one for each head, the same in all layers (MPNet); 0 for none.</summary>
    public int DistanceBuckets { get; init; }

    /// <summary>Names of the weights.</summary>
    public required EncoderNames Names { get; init; }

    /// <summary>The families that are known.</summary>
    public static IReadOnlyCollection<string> Families => EncoderFamilies.All.Keys;

    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <param name="config">The object.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ModelFolderException">The family is not known, or a key that changes the numbers is not understood.</exception>
    public static EncoderSpec FromConfig(JsonObject config, string file)
    {
        var read = new ConfigReader(config, file);
        var family = read.Text("model_type") ?? throw read.Bad("does not say its 'model_type'");
        if (!EncoderFamilies.All.TryGetValue(family, out var make))
            throw read.Bad($"the encoder '{family}' is not supported; known are {string.Join(", ", EncoderFamilies.All.Keys.Order(StringComparer.Ordinal))}, and decoders");
        if (config["quantization_config"] is not null) throw read.Bad("'quantization_config' is not supported");
        var spec = make(read, config);
        if (spec.Hidden % spec.Heads != 0) throw read.Bad($"a hidden size of {spec.Hidden} cannot be divided among {spec.Heads} heads");
        if (spec.LayerKinds.Count > 0 && spec.Hidden / spec.Heads % 2 != 0) throw read.Bad($"rotary embeddings need an even head size, not {spec.Hidden / spec.Heads}");
        if (spec.DistanceBuckets % 4 != 0) throw read.Bad($"{spec.DistanceBuckets} kinds of distance cannot be halved twice");
        if (spec.ContextLength < 1) throw read.Bad($"leaves no position for a token");
        return spec;
    }
}

/// <summary>What differs from layer to layer.</summary>
/// <param name="RotaryBase">Base of the rotary frequencies.</param>
/// <param name="Sight">How many positions a token sees to each side, or null for all.</param>
public sealed record EncoderLayerSpec(double RotaryBase, int? Sight);
