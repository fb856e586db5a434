using Gateway.Protocol;

namespace Gateway.Errors;

/// <summary>Of what is asked about usage.</summary>
public static partial class Problems
{
    public static Problem UnknownParameter(string param) => new(400, ApiError.Invalid($"Unknown parameter: '{param}'.", param, "unknown_parameter"));
}
