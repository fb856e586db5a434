using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gateway.TestKit;

/// <summary>
/// An imitation of a model hub on loopback: the listing, and downloads with ranges. Large files redirect to a second server on another port,
/// as the real one redirects to its store. Faults are put in by code.
/// </summary>
public sealed class FakeHub : IAsyncDisposable
{
    private readonly WebApplication hub;
    private readonly WebApplication store;
    private readonly ConcurrentQueue<HubRequest> requests = new();

    private FakeHub() => (hub, store) = (Build("hub", AnswerAsync), Build("store", AnswerStoreAsync));

    /// <summary>Its address.</summary>
    public string Address => hub.Urls.First();

    /// <summary>The one repository that it has.</summary>
    public string Repository { get; set; } = "org/model";

    /// <summary>What the revision <c>main</c> is now.</summary>
    public string Commit { get; set; } = new('a', 40);

    /// <summary>Files by path.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Files of at least so many bytes are in the store.</summary>
    public int LargeBytes { get; set; } = 1024;

    /// <summary>Entries of a page of the listing.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Whether ranges are honoured.</summary>
    public bool KnowsRanges { get; set; } = true;

    /// <summary>Answers a request itself and returns true, or leaves it to the hub. The path is the file's for downloads.</summary>
    public Func<HubRequest, HttpContext, Task<bool>>? Fault { get; set; }

    /// <summary>Sends a body in another way than whole.</summary>
    public Func<HubRequest, HttpContext, ReadOnlyMemory<byte>, Task>? Send { get; set; }

    /// <summary>What came in, in order.</summary>
    public IReadOnlyList<HubRequest> Requests => [.. requests];

    /// <summary>Starts one.</summary>
    public static async Task<FakeHub> StartAsync()
    {
        var fake = new FakeHub();
        await fake.hub.StartAsync();
        await fake.store.StartAsync();
        return fake;
    }

    /// <summary>Bytes that differ from place to place, the same for the same seed.</summary>
    public static byte[] Content(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await store.DisposeAsync();
    }

    private static WebApplication Build(string server, Func<string, HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseShutdownTimeout(TimeSpan.Zero);
        var app = builder.Build();
        app.Run(http => answer(server, http));
        return app;
    }

    private async Task AnswerAsync(string server, HttpContext http)
    {
        var api = $"/api/models/{Repository}/";
        var resolve = $"/{Repository}/resolve/";
        var path = http.Request.Path.Value!;
        var file = path.StartsWith(resolve, StringComparison.Ordinal) ? path[(resolve.Length + path[resolve.Length..].IndexOf('/') + 1)..] : path;
        if (await NoteAsync(server, file, http)) return;
        if (path.StartsWith(api + "revision/", StringComparison.Ordinal))
        {
            var revision = path[(api.Length + "revision/".Length)..];
            if (revision is "main" || revision == Commit) await http.Response.WriteAsync(new JsonObject { ["id"] = Repository, ["sha"] = Commit }.ToJsonString());
            else await RefuseAsync(http, 404, "RevisionNotFound");
        }
        else if (path.StartsWith(api + "tree/", StringComparison.Ordinal)) await ListAsync(http);
        else if (file != path && Files.TryGetValue(file, out var content)) await ResolveAsync(http, file, content);
        else await RefuseAsync(http, file != path ? 404 : 401, file != path ? "EntryNotFound" : "RepoNotFound");
    }

    private async Task AnswerStoreAsync(string server, HttpContext http)
    {
        var file = http.Request.Path.Value![1..];
        if (await NoteAsync(server, file, http)) return;
        await SendAsync(http, Files[file]);
    }

    private async Task<bool> NoteAsync(string server, string path, HttpContext http)
    {
        var request = new HubRequest(server, path, http.Request.Headers.Range.ToString(), http.Request.Headers.Authorization.ToString());
        requests.Enqueue(request);
        http.Items[nameof(HubRequest)] = request;
        return Fault is not null && await Fault(request, http);
    }

    private async Task ListAsync(HttpContext http)
    {
        var from = int.Parse(http.Request.Query["cursor"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        var page = Files.OrderBy(file => file.Key, StringComparer.Ordinal).Skip(from).Take(PageSize).Select(JsonNode? (file) => Entry(file.Key, file.Value)).ToArray();
        if (from + PageSize < Files.Count) http.Response.Headers.Link = $"<{Address}{http.Request.Path}?recursive=true&cursor={from + PageSize}>; rel=\"next\"";
        await http.Response.WriteAsync(new JsonArray([new JsonObject { ["type"] = "directory", ["path"] = "folder", ["oid"] = new string('0', 40), ["size"] = 0 }, .. page]).ToJsonString());
    }

    private JsonObject Entry(string path, byte[] content)
    {
        var entry = new JsonObject { ["type"] = "file", ["path"] = path, ["size"] = content.Length, ["oid"] = BlobId(content) };
        if (content.Length >= LargeBytes) entry["lfs"] = new JsonObject { ["oid"] = Sha256(content), ["size"] = content.Length, ["pointerSize"] = 134 };
        return entry;
    }

    private async Task ResolveAsync(HttpContext http, string file, byte[] content)
    {
        http.Response.Headers["X-Repo-Commit"] = Commit;
        if (content.Length < LargeBytes)
        {
            http.Response.Headers.ETag = $"\"{BlobId(content)}\"";
            await SendAsync(http, content);
            return;
        }

        http.Response.Headers["X-Linked-Size"] = content.Length.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-Linked-ETag"] = $"\"{Sha256(content)}\"";
        http.Response.Redirect($"{store.Urls.First()}/{Uri.EscapeDataString(file)}?signature=x");
    }

    private async Task SendAsync(HttpContext http, byte[] content)
    {
        var request = (HubRequest)http.Items[nameof(HubRequest)]!;
        var (from, to) = (0, content.Length);
        if (KnowsRanges && request.Range.Length > 0)
        {
            var bounds = request.Range["bytes=".Length..].Split('-');
            (from, to) = (int.Parse(bounds[0], CultureInfo.InvariantCulture), Math.Min(to, int.Parse(bounds[1], CultureInfo.InvariantCulture) + 1));
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{to - 1}/{content.Length}";
        }

        http.Response.ContentLength = to - from;
        if (Send is not null) await Send(request, http, content.AsMemory(from, to - from));
        else await http.Response.Body.WriteAsync(content.AsMemory(from, to - from), http.RequestAborted);
    }

    private static async Task RefuseAsync(HttpContext http, int status, string code)
    {
        http.Response.StatusCode = status;
        http.Response.Headers["X-Error-Code"] = code;
        await http.Response.WriteAsync("{}");
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>As git names a file's content.</summary>
    private static string BlobId(byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0")));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>A request that a <see cref="FakeHub"/> received.</summary>
/// <param name="Server"><c>hub</c> or <c>store</c>.</param>
/// <param name="Path">The file's for a download, else the whole.</param>
/// <param name="Range">Of the header, or empty.</param>
/// <param name="Authorization">Of the header, or empty.</param>
public sealed record HubRequest(string Server, string Path, string Range, string Authorization);
