using System.Globalization;

namespace Gateway.Worker.Errors;

/// <summary>Every error text of the worker, in the wording that OpenAI's clients already know.</summary>
internal static class Problems
{
    public static ProblemException BadBody(string message) => Bad(message, null, null);

    public static ProblemException Missing(string param) => Bad($"Missing required parameter: '{param}'.", param, "missing_required_parameter");

    public static ProblemException NoModel() => Bad("you must provide a model parameter", null, null);

    public static ProblemException WrongType(string param, string expected, string got) =>
        Bad($"Invalid type for '{param}': expected {expected}, but got {got} instead.", param, "invalid_type");

    public static ProblemException NotOneOf(string param, string got, params ReadOnlySpan<string> supported) =>
        Bad($"Invalid value: '{Shorten(got)}'. Supported values are: '{string.Join("', '", supported!)}'.", param, "invalid_value");

    public static ProblemException Invalid(string param, string message) => Bad(message, param, "invalid_value");

    public static ProblemException BadFunction(string param, string message) => Bad(message, param, "invalid_function_parameters");

    public static ProblemException BadSchema(string param, string message) => Bad(message, param, "invalid_json_schema");

    public static ProblemException Unsupported(string param, string? because = null) =>
        Bad($"Unsupported parameter: '{param}' is not supported with this model.{(because is null ? "" : " " + because)}", param, "unsupported_parameter");

    public static ProblemException UnsupportedValue(string param, string message) => Bad(message, param, "unsupported_value");

    /// <param name="kind"><c>integer</c> or <c>decimal</c>.</param>
    public static ProblemException AboveMaximum(string param, string kind, double maximum, string got) => Bad(
        $"Invalid '{param}': {kind} above maximum value. Expected a value <= {Plain(maximum)}, but got {Shorten(got)} instead.", param, $"{kind}_above_max_value");

    /// <param name="kind"><c>integer</c> or <c>decimal</c>.</param>
    public static ProblemException BelowMinimum(string param, string kind, double minimum, string got) => Bad(
        $"Invalid '{param}': {kind} below minimum value. Expected a value >= {Plain(minimum)}, but got {Shorten(got)} instead.", param, $"{kind}_below_min_value");

    public static ProblemException ArrayTooLong(string param, int maximum, int got) => Bad(
        $"Invalid '{param}': array too long. Expected an array with maximum length {maximum}, but got an array with length {got} instead.",
        param, "array_above_max_length");

    public static ProblemException EmptyArray(string param) => Bad(
        $"Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead.", param, "empty_array");

    public static ProblemException TextTooLong(string param, int maximum, int got) => Bad(
        $"Invalid '{param}': string too long. Expected a string with maximum length {maximum}, but got a string with length {got} instead.",
        param, "string_above_max_length");

    public static ProblemException TooManyProperties(string param, int maximum, int got) => Bad(
        $"Invalid '{param}': too many properties. Expected an object with at most {maximum} properties, but got an object with {got} properties instead.",
        param, "object_above_max_properties");

    public static ProblemException ContextExceeded(string param, int context, int tokens) => Bad(
        $"This model's maximum context length is {context} tokens. However, your {param} resulted in {tokens} tokens. Please reduce the length of the {param}.",
        param, "context_length_exceeded");

    public static ProblemException InputTooLong(string param, int context, int tokens) => Bad(
        $"This model's maximum context length is {context} tokens. However, your {param} resulted in {tokens} tokens. Please reduce its length, or ask for it to be cut with 'truncate_prompt_tokens': -1.",
        param, "context_length_exceeded");

    public static ProblemException UnknownModel(string model) => new(new Problem(
        StatusCodes.Status404NotFound, $"The model `{Shorten(model)}` does not exist or you do not have access to it.", null, "model_not_found"));

    public static ProblemException NoTemplate(string model) => Bad(
        $"The model '{model}' has no chat template, so it cannot answer chat messages. Use /v1/completions instead.", "messages", "unsupported_value");

    /// <param name="because">What the model is, and where to go instead.</param>
    public static ProblemException WrongTask(string model, string because) => Bad($"The model '{model}' is {because}.", "model", "unsupported_value");

    public static ProblemException WrongContentType(string got) => new(new Problem(
        StatusCodes.Status415UnsupportedMediaType, $"Unsupported content type '{Shorten(got)}'. Send the body as 'application/json'."));

    public static ProblemException BodyTooLarge(long maximumBytes) => new(new Problem(
        StatusCodes.Status413PayloadTooLarge, $"The request body is larger than the limit of {maximumBytes} bytes."));

    public static ProblemException Loading() => new(new Problem(
        StatusCodes.Status503ServiceUnavailable, "The model is still loading.", Type: "server_error")
    { RetryAfter = TimeSpan.FromSeconds(1) });

    public static Problem Busy(TimeSpan retryAfter) => new(
        StatusCodes.Status429TooManyRequests, "The model's queue is full. Please try again later.", null, "rate_limit_exceeded", "requests")
    {
        RetryAfter = retryAfter,
    };

    public static Problem ServerError() => new(
        StatusCodes.Status500InternalServerError, "The server had an error while processing your request.", Type: "server_error");

    public static Problem UnknownUrl(HttpRequest request) => new(
        StatusCodes.Status404NotFound, $"Invalid URL ({request.Method} {Shorten(request.Path.Value ?? "/")})");

    public static Problem WrongMethod(HttpRequest request) => new(
        StatusCodes.Status405MethodNotAllowed, $"Not allowed to {request.Method} on {Shorten(request.Path.Value ?? "/")}.", null, "method_not_supported");

    private static ProblemException Bad(string message, string? param, string? code) =>
        new(new Problem(StatusCodes.Status400BadRequest, message, param, code));

    private static string Plain(double value) => value.ToString("0.################", CultureInfo.InvariantCulture);

    // A caller's own text comes back in the message; a megabyte of it should not.
    private static string Shorten(string text) => text.Length <= 80 ? text : text[..(char.IsHighSurrogate(text[79]) ? 79 : 80)] + "…";
}
