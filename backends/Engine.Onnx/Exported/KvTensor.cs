namespace Gateway.Engine.Onnx.Exported;

/// <summary>Keys or values of one layer, as the graph takes and gives them: [batch, heads, positions, headSize].</summary>
/// <param name="Past">Name of the input.</param>
/// <param name="Present">Name of the output.</param>
/// <param name="Heads">KV heads.</param>
/// <param name="HeadSize">Values of a head.</param>
/// <param name="LeastRows">Rows that the input must have even when nothing is in them (<c>sliding_window_cache</c>), else 0.</param>
internal sealed record KvTensor(string Past, string Present, int Heads, int HeadSize, int LeastRows);
