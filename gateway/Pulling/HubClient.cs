using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Pulling;

/// <summary>Hugging Face's HTTP API, as far as pulling needs it.</summary>
internal sealed partial class HubClient(HubConnection connection, HubOptions options, TimeProvider time)
{
    private const int MaxListingBytes = 32 << 20;
    private const int MostFiles = 100_000;
    private const int MostPages = 200;

    /// <summary>The commit of a revision, and its files.</summary>
    public async Task<HubRevision> RevisionAsync(ModelReference model, CancellationToken cancellation)
    {
        using var revision = await JsonAsync(Api(model, "revision", model.Revision, ""), model, cancellation);
        var commit = Text(revision.Document.RootElement, "sha") is { } sha && Commit().IsMatch(sha) ? sha : model.Revision;
        var files = new List<HubFile>();
        for (var (page, next) = (0, Api(model, "tree", commit, "?recursive=true")); next is not null; page++)
        {
            if (page == MostPages || files.Count > MostFiles) throw new PullException($"{model.Repository} has too many files");
            using var tree = await JsonAsync(next, model, cancellation);
            if (tree.Document.RootElement.ValueKind != JsonValueKind.Array) throw NotAHub();
            foreach (var entry in tree.Document.RootElement.EnumerateArray())
                if (FileOf(entry) is { } file) files.Add(file);
            next = tree.Next;
        }

        if (files.Select(file => file.Path).Distinct(StringComparer.OrdinalIgnoreCase).Count() != files.Count) throw new PullException($"{model.Repository} has two files of one name, or names that differ in case only");
        return new HubRevision(commit, files);
    }

    /// <summary>Begins a download. The body's first byte is the range's first byte, or the file's where <c>Whole</c>.</summary>
    public async Task<(HttpResponseMessage Answer, bool Whole)> OpenAsync(ModelReference model, string commit, HubFile file, ByteRange range, CancellationToken cancellation)
    {
        var uri = new Uri(connection.Address, $"{model.Repository}/resolve/{Uri.EscapeDataString(commit)}/{Escaped(file.Path)}");
        var wanted = range.Length == file.Size ? (ByteRange?)null : range;
        var answer = await connection.SendAsync(HttpMethod.Get, uri, wanted, hop => CheckUnchanged(hop, file), cancellation);
        try
        {
            HubAnswers.Check(answer, answer.RequestMessage!.RequestUri!, model, file.Path, connection.HasToken, time);
            var total = answer.StatusCode == HttpStatusCode.PartialContent ? answer.Content.Headers.ContentRange?.Length : answer.Content.Headers.ContentLength;
            if (total is not null && total != file.Size) throw Changed(file);
            if (answer.StatusCode != HttpStatusCode.PartialContent) return (answer, true);
            return answer.Content.Headers.ContentRange?.From == range.Start ? (answer, false) : throw new PassingException($"{uri.Host} sends other bytes of {file.Path} than it was asked for");
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private async Task<Page> JsonAsync(Uri uri, ModelReference model, CancellationToken cancellation)
    {
        using var idle = new CancellationTokenSource(options.IdleTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, idle.Token);
        try
        {
            using var answer = await connection.SendAsync(HttpMethod.Get, uri, null, null, both.Token);
            HubAnswers.Check(answer, uri, model, null, connection.HasToken, time);
            await answer.Content.LoadIntoBufferAsync(MaxListingBytes, both.Token);
            return new Page(JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(both.Token), new JsonDocumentOptions { MaxDepth = 32 }), NextPage(answer, uri));
        }
        catch (JsonException)
        {
            throw NotAHub();
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new PullException($"the list of {model.Repository} is larger than {Texts.Bytes(MaxListingBytes)}");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new PassingException($"{uri.Host} broke off its answer: {e.Message}");
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new PassingException($"{uri.Host} has not answered for {Texts.Time(options.IdleTimeout)}");
        }
    }

    /// <summary>A large file's hash is its LFS id, a small one's is git's own.</summary>
    private static HubFile? FileOf(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || Text(entry, "type") != "file" || Text(entry, "path") is not { } path) return null;
        var large = entry.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object ? lfs : entry;
        var size = large.TryGetProperty("size", out var number) && number.TryGetInt64(out var bytes) && bytes >= 0 ? bytes : throw new PullException($"the hub gives no size for {FilePaths.Printable(path)}");
        return new HubFile(path, size, Digest.From(Text(large, "oid")) ?? throw new PullException($"the hub gives no checksum for {FilePaths.Printable(path)}"));
    }

    /// <summary>A hub that names another content than it listed has changed under the pull.</summary>
    private static void CheckUnchanged(HttpResponseMessage hop, HubFile file)
    {
        if (Digest.From(HubAnswers.Header(hop, "X-Linked-ETag")) is { } linked && linked.Hex.Length == file.Digest.Hex.Length && linked != file.Digest) throw Changed(file);
        if (long.TryParse(HubAnswers.Header(hop, "X-Linked-Size"), out var size) && size != file.Size) throw Changed(file);
    }

    private static PullException Changed(HubFile file) => new($"{file.Path} has changed on the hub since it was listed; pull again");

    private PullException NotAHub() => new($"{connection.Address} does not answer as a hub does; is Gateway:Hub:Address right?");

    private Uri Api(ModelReference model, string what, string revision, string query) =>
        new(connection.Address, $"api/models/{model.Repository}/{what}/{Uri.EscapeDataString(revision)}{query}");

    private static Uri? NextPage(HttpResponseMessage answer, Uri from)
    {
        if (HubAnswers.Header(answer, "Link") is not { } link || NextLink().Match(link) is not { Success: true } match) return null;
        var next = new Uri(from, match.Groups[1].Value);
        return next.GetLeftPart(UriPartial.Authority) == from.GetLeftPart(UriPartial.Authority) ? next : throw new PullException($"{from.Host} continues its list on another host, {next.Host}");
    }

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex("^[0-9a-f]{40,64}$")]
    private static partial Regex Commit();

    [GeneratedRegex("<([^>]+)>\\s*;\\s*rel=\"?next\"?")]
    private static partial Regex NextLink();

    private sealed record Page(JsonDocument Document, Uri? Next) : IDisposable
    {
        public void Dispose() => Document.Dispose();
    }
}
