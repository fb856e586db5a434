using System.Security.Cryptography;
using System.Text;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;

namespace Gateway.Worker.Models;

/// <summary><c>system_fingerprint</c>: differs wherever the same seed might be answered differently.</summary>
internal static class Fingerprint
{
    /// <param name="card">The model's sizes and its engine.</param>
    /// <param name="settings">Weight format and device, as asked for.</param>
    /// <param name="path">Its files.</param>
    /// <param name="runner">What computes it.</param>
    public static string Of(ModelCard card, string settings, string path, IModelRunner runner) =>
        Of($"{card with { Name = "" }};{settings};{WeightsIdentity.Of(path)};{Code(typeof(IModelRunner))};{Code(runner.GetType())}");

    public static string Of(string parts) => "fp_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)))[..10];

    // Builds are deterministic: the id of a module is a hash of its code.
    private static Guid Code(Type type) => type.Module.ModuleVersionId;
}
