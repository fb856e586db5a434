using Gateway.Engine.Backend;

namespace Gateway.Worker.Errors;

/// <summary>Turns whatever ends a call early into the OpenAI error object; a caller's mistake never becomes a 500.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        Problem? problem = null;
        try
        {
            await next(http);
            if (http.Response.HasStarted) return;
            problem = http.Response.StatusCode switch
            {
                StatusCodes.Status404NotFound => Problems.UnknownUrl(http.Request),
                StatusCodes.Status405MethodNotAllowed => Problems.WrongMethod(http.Request),
                _ => null,
            };
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            problem = Explain(failure);
        }

        if (problem is not null) await ProblemWriter.WriteAsync(http.Response, problem, http.RequestAborted);
    }

    private Problem Explain(Exception failure)
    {
        switch (failure)
        {
            case ProblemException known:
                return known.Problem;
            case BackendBusyException busy:
                return Problems.Busy(busy.RetryAfter);
            case BadHttpRequestException bad:
                return new Problem(bad.StatusCode, bad.Message);
            default:
                log.LogError(failure, "A call failed.");
                return Problems.ServerError();
        }
    }
}
