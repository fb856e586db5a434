using System.Collections.Concurrent;
using System.Net;
using Gateway.Configuration;

namespace Gateway.Routing;

/// <summary>An upstream by address, reached by <see cref="UpstreamConnections"/> that it shares with others at the same host and port.</summary>
public sealed class RemoteUpstream : Upstream
{
    private static readonly string[] Local = ["localhost", "127.0.0.1"];

    private const int MostAddresses = 1_000;
    private const int ShortestSecret = 7; // what is shorter is no secret (EMPTY, none, ollama), and may be a word of what is said

    private readonly ConcurrentDictionary<(string Path, string Model), Known> addresses = new();
    private readonly UpstreamOptions options;
    private readonly bool isAzure;
    private readonly string root;
    private readonly string prefix;
    private readonly string? key;
    private readonly (string Name, string Value)[] headers; // its own, and its credentials
    private Known? latest; // nearly always the one that is asked for

    /// <param name="name">As configured.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="key">Its key, from wherever it is kept.</param>
    /// <param name="connections">To it and to others.</param>
    public RemoteUpstream(string name, UpstreamOptions options, string? key, UpstreamConnections connections)
        : base(name, options.MaxConcurrent)
    {
        (this.options, this.key, isAzure, Client) = (options, key, options.Kind == "azure", connections.Client);
        var address = new Uri(options.Address!);
        root = address.GetLeftPart(UriPartial.Authority);
        prefix = isAzure && address.AbsolutePath == "/" ? root + "/openai" : options.Address!.TrimEnd('/');
        Secrets = new Secrets(SecretsOf(address));
        headers = [.. Credentials(), .. options.Headers.Select(static header => (header.Key, header.Value))];
        Http = options.Http == "2"
            ? (HttpVersion.Version20, address.Scheme == Uri.UriSchemeHttps ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact)
            : base.Http;
    }

    /// <summary>Sends to it.</summary>
    public HttpMessageInvoker Client { get; }

    /// <summary>What it was made of; a reload that changes nothing keeps it.</summary>
    public (UpstreamOptions Options, string? Key) Origin => (options, key);

    /// <inheritdoc/>
    public override (Version Version, HttpVersionPolicy Policy) Http { get; }

    /// <inheritdoc/>
    public override ValueTask<UpstreamLease> OpenAsync(CancellationToken cancellation) => ValueTask.FromResult(new UpstreamLease(Client, null));

    /// <inheritdoc/>
    public override Uri AddressOf(string path, string model)
    {
        if (!isAzure) model = ""; // it is no part of the address
        if (latest is { } last && last.Path == path && last.Model == model) return last.Address;
        if (!addresses.TryGetValue((path, model), out var known))
        {
            if (addresses.Count > MostAddresses) addresses.Clear(); // a pattern's models are named by callers; counting takes every lock, so only here
            known = addresses.GetOrAdd((path, model), static (key, self) => new Known(key.Path, key.Model, self.MakeAddress(key.Path, key.Model)), this);
        }

        latest = known;
        return known.Address;
    }

    /// <summary>Where an active probe asks.</summary>
    public Uri ProbeAddress => new(root + options.Probe!.Path);

    /// <inheritdoc/>
    public override void Sign(HttpRequestMessage request)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <inheritdoc/>
    public override Secrets Secrets { get; }

    private Uri MakeAddress(string path, string model)
    {
        var versioned = path.StartsWith("/v1/", StringComparison.Ordinal);
        var rest = versioned ? path[3..] : path;
        var there = isAzure ? $"{prefix}/deployments/{Uri.EscapeDataString(model)}{rest}"
            : versioned ? prefix + rest
            : (prefix.EndsWith("/v1", StringComparison.Ordinal) ? prefix[..^3] : prefix) + rest;
        return new Uri(options.ApiVersion is { } version ? $"{there}?api-version={Uri.EscapeDataString(version)}" : there);
    }

    private (string, string)[] Credentials() => key is null ? [] : isAzure ? [("api-key", key)] : [("Authorization", "Bearer " + key)];

    private IEnumerable<Secret> SecretsOf(Uri address)
    {
        if (key is { Length: >= ShortestSecret }) yield return new(key, "***");
        foreach (var value in options.Headers.Values)
        {
            if (value.Length >= ShortestSecret) yield return new(value, "***");
            // Bearer and a token: whoever quotes it leaves the scheme out.
            if (value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, { Length: >= ShortestSecret } token]) yield return new(token, "***");
        }

        foreach (var text in (string[])[options.Address!, root, address.Authority])
            if (text.Length > 3) yield return new(text.TrimEnd('/'), Name, IsWord: text == address.Host);
        if (address.Host.Length > 3 && !Local.Contains(address.Host)) yield return new(address.Host, Name, IsWord: true);
    }

    private sealed record Known(string Path, string Model, Uri Address);
}
