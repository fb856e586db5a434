namespace Gateway.Engine.Onnx.Exported;

/// <summary>What the configuration beside a graph says of its cache; null where it is silent and the graph must tell.</summary>
internal sealed record CacheSizes(int? Layers, int? Heads, int? HeadSize);
