using Gateway.Protocol;

namespace Gateway.Errors;

public static partial class Problems
{
    private const string Realm = "Bearer realm=\"gateway\"";

    public static Problem NoKey() => new(401, ApiError.Invalid("This needs an API key: send it as 'Authorization: Bearer KEY'.")) { Challenge = Realm };

    /// <summary>Unknown, expired and disabled alike.</summary>
    public static Problem WrongKey(string masked) => new(401, ApiError.Invalid($"Incorrect API key provided: {masked}. Keys are given out by whoever runs this server.", code: "invalid_api_key")) { Challenge = Realm };

    /// <summary>Said to who brought one wrong key too many; a right one is answered all the same.</summary>
    public static Problem TooManyWrongKeys(TimeSpan wait) =>
        new(429, new ApiError(new ApiErrorBody("Too many requests with keys that are not accepted came from this address.", "requests", null, "rate_limit_exceeded"))) { RetryAfter = wait };

    /// <summary>Whether a token is right cannot be said.</summary>
    public static Problem ProviderIsAway() => new(503, ApiError.Server("The identity provider cannot be asked now.", "identity_provider_unavailable")) { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Problem MissingScopes(IReadOnlyList<string> scopes) => new(403, ApiError.Invalid($"This key may not do that. Missing scopes: {string.Join(", ", scopes)}.", code: "missing_scope"));

    /// <summary>As the live service says it: 403 and not 404, and the same code all the same.</summary>
    public static Problem ModelNotAllowed(string model) => new(403, ApiError.Invalid($"This key does not have access to the model `{model}`.", code: "model_not_found"));

    /// <summary>No key is configured, and the caller is elsewhere.</summary>
    public static Problem AdminIsLocal() => new(403, ApiError.Invalid("Administration answers this machine only until Gateway:AdminKey is set.", code: "admin_not_allowed"));

    public static Problem NoAdminKey() => new(401, ApiError.Invalid("This needs the admin key, or a key of the scope admin: 'Authorization: Bearer KEY'.", code: "invalid_api_key")) { Challenge = Realm };

    public static Problem NoSuchKey(string id) => new(404, ApiError.Invalid($"No key with id '{id}' found.", "id", "not_found"));

    public static Problem UnknownParameter(string name) => new(400, ApiError.Invalid($"Unknown parameter: '{name}'.", name, "unknown_parameter"));
}
