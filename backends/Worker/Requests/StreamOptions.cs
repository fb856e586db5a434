namespace Gateway.Worker.Requests;

/// <summary>How the answer travels.</summary>
/// <param name="Stream">As events, or whole.</param>
/// <param name="IncludeUsage">Whether the last chunk reports usage.</param>
/// <param name="Obfuscate">Whether chunks are padded, so that their sizes do not tell the tokens.</param>
internal readonly record struct StreamOptions(bool Stream, bool IncludeUsage, bool Obfuscate);
