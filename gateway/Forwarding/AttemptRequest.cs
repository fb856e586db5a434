using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// The request that YARP is shown, in place of the client's: one object for all that it looks at. What would be answered goes nowhere; the
/// relays answer the client themselves.
/// </summary>
internal sealed class AttemptRequest : IFeatureCollection, IHttpRequestFeature, IHttpRequestBodyDetectionFeature, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
{
    private IHeaderDictionary? answered;

    /// <param name="asked">The client's.</param>
    /// <param name="path">The route as we spell it.</param>
    public AttemptRequest(HttpRequest asked, string path) => (Method, Protocol, Scheme, Path) = (asked.Method, asked.Protocol, asked.Scheme, path);

    /// <summary>What kept YARP from an answer; null where nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Not by YARP: <see cref="AttemptSender"/> has it.</summary>
    public bool CanHaveBody => false;

    public string Protocol { get; set; }

    public string Scheme { get; set; }

    public string Method { get; set; }

    public string PathBase { get; set; } = "";

    public string Path { get; set; }

    public string QueryString { get; set; } = "";

    public string RawTarget { get; set; } = "";

    /// <summary>None: the client's are copied once, where the request is sent.</summary>
    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public Stream Body { get; set; } = Stream.Null;

    public int StatusCode { get; set; } = 200;

    public string? ReasonPhrase { get; set; }

    public bool HasStarted => false;

    public Stream Stream => Stream.Null;

    public PipeWriter Writer => PipeWriter.Create(Stream.Null);

    /// <summary>YARP is given the attempt's own token besides.</summary>
    public CancellationToken RequestAborted { get; set; }

    public bool IsReadOnly => true;

    public int Revision => 0;

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => answered ??= new HeaderDictionary();
        set => answered = value;
    }

    Stream IHttpResponseFeature.Body
    {
        get => Stream.Null;
        set => throw new NotSupportedException();
    }

    object? IFeatureCollection.this[Type key]
    {
        get => key.IsInstanceOfType(this) ? this : null;
        set { } // what a context makes up for itself it keeps
    }

    public TFeature? Get<TFeature>() => this is TFeature feature ? feature : default;

    public void Set<TFeature>(TFeature? instance)
    {
        if (instance is IForwarderErrorFeature failed) Failure = failed.Exception;
    }

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => Enumerable.Empty<KeyValuePair<Type, object>>().GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    public void Abort()
    {
    }

    public void DisableBuffering()
    {
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task CompleteAsync() => Task.CompletedTask;

    public void OnStarting(Func<object, Task> callback, object state)
    {
    }

    public void OnCompleted(Func<object, Task> callback, object state)
    {
    }
}
