using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>Which kinds of rotation and of window a decoder's layers have: each kind is one input of the graph, shared by its layers.</summary>
internal sealed class GraphLayout
{
    public GraphLayout(DecoderSpec spec)
    {
        Rotaries = [.. spec.LayerSpecs.Select(layer => layer.Rotary).OfType<RotarySpec>().Distinct(ReferenceEqualityComparer.Instance).Cast<RotarySpec>()];
        Windows = [.. spec.LayerSpecs.Select(layer => layer.Window).Distinct()];
        WindowOf = [.. spec.LayerSpecs.Select(layer => Array.IndexOf([.. Windows], layer.Window))];
    }

    public IReadOnlyList<RotarySpec> Rotaries { get; }

    /// <summary>Null is no window.</summary>
    public IReadOnlyList<int?> Windows { get; }

    /// <summary>[layers].</summary>
    public IReadOnlyList<int> WindowOf { get; }

    public int RotaryOf(RotarySpec rotary)
    {
        for (var i = 0; i < Rotaries.Count; i++)
            if (ReferenceEquals(Rotaries[i], rotary)) return i;
        throw new ArgumentException("a rotation of another decoder", nameof(rotary));
    }
}
