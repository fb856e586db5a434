namespace Gateway.Worker.Requests;

/// <summary>How the answer travels.</summary>
internal readonly record struct StreamOptions(bool Stream, bool IncludeUsage);
