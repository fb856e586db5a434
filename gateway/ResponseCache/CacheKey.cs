using System.Security.Cryptography;
using System.Text;
using Gateway.Calls;
using Gateway.Keys;

namespace Gateway.ResponseCache;

/// <summary>
/// What makes two calls the same question: who may share answers, the route, the model and what its settings make of the request, and the
/// body, byte for byte.
/// </summary>
internal static class CacheKey
{
    /// <summary>A hash; nothing of the question can be read from it.</summary>
    public static string Of(Call call, string scope)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Sharers(call.Caller, scope));
        Add(hash, call.Path);
        Add(hash, call.Model.Name);
        Add(hash, call.AskedName);
        foreach (var target in call.Model.Targets) Add(hash, $"{target.Upstream.Name} {target.Model}");
        foreach (var (name, value) in call.Model.Edits.Defaults.Concat(call.Model.Edits.Overrides))
        {
            hash.AppendData(name);
            Add(hash, value);
        }

        hash.AppendData(call.Body.Bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Sharers(Caller caller, string scope) => scope switch
    {
        CacheOptions.OfAll => "all",
        CacheOptions.OfTeam when caller.Team is { } team => "team " + team,
        _ => "key " + caller.Id,
    };

    private static void Add(IncrementalHash hash, string text) => Add(hash, Encoding.UTF8.GetBytes(text));

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        hash.AppendData("\n"u8); // no name or JSON text has one
    }
}
