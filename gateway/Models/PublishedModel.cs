using Gateway.Configuration;

namespace Gateway.Models;

/// <summary>A model by the name that callers use.</summary>
/// <param name="Name">The published name.</param>
/// <param name="Path">Its files.</param>
/// <param name="Options">How it is served.</param>
/// <param name="Created">Unix seconds: when its files were last written.</param>
public sealed record PublishedModel(string Name, string Path, ModelOptions Options, long Created);
