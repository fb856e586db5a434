namespace Gateway.Pulling;

/// <summary>A file of a model on a hub.</summary>
/// <param name="Path">Inside the repository, with <c>/</c>; checked by <see cref="FilePaths"/>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">What its bytes must hash to.</param>
internal sealed record HubFile(string Path, long Size, Digest Digest);

/// <summary>A model at one commit.</summary>
/// <param name="Commit">What downloads name, so that a branch that moves meanwhile changes nothing.</param>
/// <param name="Files">All of them.</param>
internal sealed record HubRevision(string Commit, IReadOnlyList<HubFile> Files);
