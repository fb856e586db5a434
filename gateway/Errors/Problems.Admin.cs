using Gateway.Protocol;

namespace Gateway.Errors;

public static partial class Problems
{
    /// <summary>No key is configured, and the caller is elsewhere.</summary>
    public static Problem AdminIsLocal() => new(403, ApiError.Invalid("Administration answers this machine only until Gateway:AdminKey is set.", code: "admin_not_allowed"));

    /// <summary>Missing or wrong; which of the two is not said.</summary>
    public static Problem WrongAdminKey() => new(401, ApiError.Invalid("This needs the admin key: 'Authorization: Bearer KEY'.", code: "invalid_api_key"));
}
