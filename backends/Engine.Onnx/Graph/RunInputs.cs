namespace Gateway.Engine.Onnx.Graph;

/// <summary>Names of what goes into a run and comes out of it. A run computes sequences with the same number of tokens each.</summary>
internal static class RunInputs
{
    /// <summary>[tokens] of all sequences, one after the other.</summary>
    public const string Tokens = "tokens";

    /// <summary>[tokens] rows of the table of positions.</summary>
    public const string Positions = "positions";

    /// <summary>[rows] that want logits.</summary>
    public const string Rows = "rows";

    /// <summary>[kvHeads, tokens, 2] head and slot of each key and value.</summary>
    public const string Slots = "slots";

    /// <summary>sequences, tokens, kvHeads, group, headDim.</summary>
    public const string QueryShape = "query_shape";

    /// <summary>kvHeads, sequences, group, tokens, headDim.</summary>
    public const string OutputShape = "output_shape";

    /// <summary>[group · tokens] which head of its group a row of scores belongs to.</summary>
    public const string GroupOfRow = "group_of_row";

    /// <summary>[rows, vocabulary].</summary>
    public const string Logits = "logits";

    /// <summary>[tokens, 1, pairs].</summary>
    public static string Cosine(int rotary) => $"cosine.{rotary}";

    /// <summary>[tokens, 1, pairs].</summary>
    public static string Sine(int rotary) => $"sine.{rotary}";

    /// <summary>[sequences, length] slots that a sequence's rows see, in order.</summary>
    public static string Seen(int window) => $"seen.{window}";

    /// <summary>[1, sequences, group · tokens, length] added to the scores.</summary>
    public static string Mask(int window) => $"mask.{window}";

    /// <summary>[1, sequences, 1, length].</summary>
    public static string KeyPositions(int window) => $"key_positions.{window}";

    /// <summary>[kvHeads, slots, headDim] of a layer, before the run.</summary>
    public static string PastKeys(int layer) => $"past_keys.{layer}";

    /// <summary>The same memory after the run.</summary>
    public static string Keys(int layer) => $"keys.{layer}";

    /// <summary>[kvHeads, slots, headDim] of a layer, before the run.</summary>
    public static string PastValues(int layer) => $"past_values.{layer}";

    /// <summary>The same memory after the run.</summary>
    public static string Values(int layer) => $"values.{layer}";
}
