using System.Diagnostics;
using Gateway.Forwarding;

namespace Gateway.Telemetry;

/// <summary>W3C trace context: what the client sent, and what goes upstream.</summary>
internal static class TraceContext
{
    /// <summary>The client's span, if it sent one that can be read.</summary>
    public static bool TryRead(HttpRequest request, out ActivityContext context) =>
        ActivityContext.TryParse(request.Headers.TraceParent.ToString(), request.Headers.TraceState.ToString() is { Length: > 0 } state ? state : null, isRemote: true, out context);

    /// <summary>The attempt's span becomes the parent of what the upstream does. Without one, the client's own is passed on.</summary>
    public static void Write(Attempt attempt, HttpRequestMessage request)
    {
        var asked = attempt.Call.Http.Request;
        if (attempt.Span is { } span) Write(request, span.Id!, span.TraceStateString);
        else if (asked.Headers.TraceParent.Count > 0 && TryRead(asked, out var context)) Write(request, asked.Headers.TraceParent.ToString(), context.TraceState);
    }

    private static void Write(HttpRequestMessage request, string parent, string? state)
    {
        request.Headers.TryAddWithoutValidation("traceparent", parent);
        if (state is not null) request.Headers.TryAddWithoutValidation("tracestate", state);
    }
}
