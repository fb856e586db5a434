using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.TestKit.Fuzzing;

/// <summary>
/// Requests that are almost valid, from a seed: first every field with every kind of value, then combinations of features with values exchanged,
/// dropped, doubled and nested, then bytes flipped and cut. The same seed gives the same requests.
/// </summary>
public sealed class RequestFuzz(int seed, string model)
{
    private readonly Random random = new(seed);
    private readonly List<string> raw = []; // texts that stand for placeholders while a body is still a tree

    /// <summary>The seed of this run: set <c>FUZZ_SEED</c> for other requests, or to have a failure again.</summary>
    public static int Seed => int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20261127;

    /// <summary>Every field of the contract and of the usual extras with every kind of value.</summary>
    public IEnumerable<FuzzedRequest> EveryFieldWithEveryValue()
    {
        foreach (var (path, fields) in Seeds.Fields)
        {
            foreach (var field in fields)
            {
                foreach (var value in HostileValues.Plain)
                    yield return new FuzzedRequest(path, Encoding.UTF8.GetBytes(Seeds.Minimal(path, model)[..^1] + $",\"{field}\":{value}}}"), $"{field} is {Short(value)}");
            }
        }

        foreach (var schema in HostileValues.Schemas)
        {
            foreach (var (name, extra) in Seeds.WithSchema(schema))
                yield return new FuzzedRequest("v1/chat/completions", Encoding.UTF8.GetBytes(Seeds.Minimal("v1/chat/completions", model)[..^1] + extra + "}"), $"{name} of {Short(schema)}");
        }
    }

    /// <summary>Fields that are each valid, in combinations that may not be; without end.</summary>
    public IEnumerable<FuzzedRequest> Combined()
    {
        while (true)
        {
            var path = random.Next(3) == 0 ? "v1/completions" : "v1/chat/completions";
            var fields = Seeds.Plausible(path);
            var body = new StringBuilder(Seeds.Minimal(path, model)[..^1]);
            var how = new StringBuilder();
            for (var times = random.Next(2, 9); times > 0; times--)
            {
                var (name, values) = fields[random.Next(fields.Count)];
                var value = values[random.Next(values.Length)];
                body.Append($",\"{name}\":{value}");
                how.Append($"{name} {Short(value)}, ");
            }

            yield return new FuzzedRequest(path, Encoding.UTF8.GetBytes(body.Append('}').ToString()), how.ToString());
        }
    }

    /// <summary>Valid requests with one to three things wrong; without end.</summary>
    public IEnumerable<FuzzedRequest> Mutated()
    {
        while (true)
        {
            var (path, body) = Seeds.Valid[random.Next(Seeds.Valid.Count)];
            raw.Clear();
            var tree = JsonNode.Parse(body.Replace("MODEL", model, StringComparison.Ordinal))!.AsObject();
            var how = new StringBuilder();
            for (var times = random.Next(1, 4); times > 0; times--) how.Append(Bend(tree)).Append("; ");
            var text = tree.ToJsonString();
            for (var i = 0; i < raw.Count; i++) text = text.Replace($"\"@{i}@\"", raw[i], StringComparison.Ordinal);
            var bytes = Encoding.UTF8.GetBytes(text);
            if (random.Next(4) == 0) bytes = Break(bytes, how);
            yield return new FuzzedRequest(path, bytes, how.ToString());
        }
    }

    private string Bend(JsonObject tree)
    {
        var places = new List<(JsonNode Parent, string? Key, int At)>();
        Places(tree, places);
        var (parent, key, at) = places[random.Next(places.Count)];
        var where = key ?? $"[{at}]";
        switch (random.Next(8))
        {
            case 0:
                Set(parent, key, at, null);
                return $"{where} null";
            case 1 when key is not null:
                parent.AsObject().Remove(key);
                return $"{where} gone";
            case 2 when key is not null:
                // A second value under the same name.
                parent.AsObject()[Placeholder($"\"{key}\"")] = Placeholder(Any());
                return $"{where} twice";
            case 3:
                var copy = (key is null ? parent[at] : parent[key])?.DeepClone();
                Set(parent, key, at, new JsonArray(copy, copy?.DeepClone()));
                return $"{where} as a list";
            case 4 when parent is JsonArray array:
                for (var times = random.Next(1, 200); times > 0; times--) array.Add(array[at]?.DeepClone());
                return $"{where} many times";
            case 5:
                var from = places[random.Next(places.Count)];
                Set(parent, key, at, (from.Key is null ? from.Parent[from.At] : from.Parent[from.Key])?.DeepClone());
                return $"{where} from {from.Key ?? $"[{from.At}]"}";
            case 6:
                var schema = HostileValues.Schemas[random.Next(HostileValues.Schemas.Count)];
                Set(parent, key, at, Placeholder(schema));
                return $"{where} is {Short(schema)}";
            default:
                var value = Any();
                Set(parent, key, at, Placeholder(value));
                return $"{where} is {Short(value)}";
        }
    }

    private byte[] Break(byte[] bytes, StringBuilder how)
    {
        var at = random.Next(bytes.Length);
        switch (random.Next(6))
        {
            case 0:
                how.Append($"cut at {at}");
                return bytes[..at];
            case 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                how.Append($"a bit of byte {at} flipped");
                return bytes;
            case 2:
                how.Append($"bad UTF-8 at {at}");
                return [.. bytes[..at], 0xC3, 0x28, .. bytes[at..]];
            case 3:
                how.Append($"NUL at {at}");
                return [.. bytes[..at], 0, .. bytes[at..]];
            case 4:
                var to = random.Next(at, Math.Min(bytes.Length, at + 50));
                how.Append($"bytes {at} to {to} twice");
                return [.. bytes[..to], .. bytes[at..]];
            default:
                how.Append("more after the end");
                return [.. bytes, .. "{}"u8];
        }
    }

    private string Any() => HostileValues.Plain[random.Next(HostileValues.Plain.Count)];

    private string Placeholder(string text)
    {
        raw.Add(text);
        return $"@{raw.Count - 1}@";
    }

    private static void Set(JsonNode parent, string? key, int at, JsonNode? value)
    {
        if (key is null) parent[at] = value;
        else parent[key] = value;
    }

    private static void Places(JsonNode? node, List<(JsonNode Parent, string? Key, int At)> found)
    {
        if (node is JsonObject obj)
        {
            foreach (var (key, child) in obj)
            {
                found.Add((obj, key, -1));
                Places(child, found);
            }
        }
        else if (node is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
            {
                found.Add((array, null, i));
                Places(array[i], found);
            }
        }
    }

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + $"… ({text.Length})";
}
