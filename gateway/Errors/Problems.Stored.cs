using System.Text.Json;
using Gateway.Protocol;

namespace Gateway.Errors;

/// <summary>Of stored chat completions, and of lists and fields that the gateway itself reads.</summary>
public static partial class Problems
{
    public static Problem StoringIsOff() => new(400, ApiError.Invalid(
        "Unsupported value: 'store' is true, but this server keeps no chat completions. Its operator turns that on with the setting Gateway:StoredCompletions:Enabled; leave 'store' out, or set it to false.", "store", "unsupported_value"));

    public static Problem NoSuchCompletion(string id) => new(404, ApiError.Invalid($"Completion {id} not found", "completion_id", "not_found"));

    /// <summary>The entry that a list was to go on after.</summary>
    public static Problem NoSuchEntry(string id) => new(404, ApiError.Invalid($"No entry with id '{id}' found.", "after", "not_found"));

    public static Problem DatabaseIsAway() => new(503, ApiError.Server("The server's database cannot be used now.", "database_unavailable")) { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Problem DatabaseIsFull() => new(503, ApiError.Server("The server's database has no room left, so nothing of this was done.", "database_full")) { RetryAfter = TimeSpan.FromSeconds(30) };

    public static Problem Missing(string param) => new(400, ApiError.Invalid($"Missing required parameter: '{param}'.", param, "missing_required_parameter"));

    public static Problem WrongType(string param, string expected, string got) => new(400, ApiError.Invalid($"Invalid type for '{param}': expected {expected}, but got {got} instead.", param, "invalid_type"));

    public static Problem Invalid(string param, string because) => new(400, ApiError.Invalid($"Invalid '{param}': {because}", param, "invalid_value"));

    public static Problem NotOneOf(string param, string got, params ReadOnlySpan<string> supported) =>
        new(400, ApiError.Invalid($"Invalid value: '{got}'. Supported values are: '{string.Join("', '", supported!)}'.", param, "invalid_value"));

    public static Problem TextTooLong(string param, int maximum, int got) => new(400, ApiError.Invalid(
        $"Invalid '{param}': string too long. Expected a string with maximum length {maximum}, but got a string with length {got} instead.", param, "string_above_max_length"));

    public static Problem TooManyProperties(string param, int maximum, int got) => new(400, ApiError.Invalid(
        $"Invalid '{param}': too many properties. Expected an object with at most {maximum} properties, but got an object with {got} properties instead.", param, "object_above_max_properties"));

    public static Problem OutOfRange(string param, long minimum, long maximum, long got) => got > maximum
        ? new(400, ApiError.Invalid($"Invalid '{param}': integer above maximum value. Expected a value <= {maximum}, but got {got} instead.", param, "integer_above_max_value"))
        : new(400, ApiError.Invalid($"Invalid '{param}': integer below minimum value. Expected a value >= {minimum}, but got {got} instead.", param, "integer_below_min_value"));

    /// <summary>A value's kind as error texts call it.</summary>
    internal static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
