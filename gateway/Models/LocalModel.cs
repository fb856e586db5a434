using Gateway.Configuration;
using Gateway.Pulling;

namespace Gateway.Models;

/// <summary>A model whose files are here, or are pulled.</summary>
/// <param name="Name">The published name.</param>
/// <param name="Path">Its files.</param>
/// <param name="Options">How it is served.</param>
/// <param name="Created">Unix seconds: when its files were last written.</param>
/// <param name="Source">Where its files are pulled from before it is served, or null for files that are there.</param>
public sealed record LocalModel(string Name, string Path, ModelOptions Options, long Created, ModelReference? Source = null)
{
    /// <summary>Most tokens, where it is known before the model is loaded.</summary>
    public int? Context { get; init; }

    /// <summary>What its worker is started with; a reload that changes none of it keeps the worker.</summary>
    public WorkerKey Key => new(Name, Path, Options.Backend, Options.Device, Options.Weights, Options.Context, Options.KeepAlive);

    /// <summary>Whether there is something to look at now.</summary>
    public bool IsHere => Source is null || Directory.Exists(Path);
}

/// <summary>All that tells one worker from another.</summary>
public sealed record WorkerKey(string Name, string Path, string Backend, string Device, string Weights, int? Context, TimeSpan KeepAlive);
