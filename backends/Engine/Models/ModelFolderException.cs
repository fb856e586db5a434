namespace Gateway.Engine.Models;

/// <summary>A model folder cannot be served. The message names the file and is meant for people.</summary>
public sealed class ModelFolderException(string file, string problem, Exception? inner = null) : Exception($"{file}: {problem}", inner)
{
    /// <summary>The file or folder at fault.</summary>
    public string File { get; } = file;
}
