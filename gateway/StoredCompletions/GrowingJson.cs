using System.Text;
using System.Text.Json;

namespace Gateway.StoredCompletions;

/// <summary>
/// JSON that grows by deltas as a stream's do: texts are appended, objects merged, entries of a list go to the place that their
/// <c>index</c> names or to the end, and what is neither is replaced. Texts that name something are given once.
/// </summary>
internal sealed class GrowingJson
{
    private static readonly string[] GivenOnce = ["id", "type", "role", "name"];
    private StringBuilder? text;
    private OrderedDictionary<string, GrowingJson>? members;
    private List<GrowingJson>? items;
    private string? other;
    private long place; // in the list that it is an entry of

    public bool IsEmptyText => text is { Length: 0 };

    /// <returns>About how many bytes it took.</returns>
    public int Take(JsonElement delta, string name)
    {
        switch (delta.ValueKind)
        {
            case JsonValueKind.String:
                var more = delta.GetString()!;
                if (text is { Length: > 0 } && GivenOnce.Contains(name)) return 0;
                (text ??= new StringBuilder()).Append(more);
                return more.Length;
            case JsonValueKind.Object:
                members ??= new OrderedDictionary<string, GrowingJson>(StringComparer.Ordinal);
                var taken = 0;
                foreach (var member in delta.EnumerateObject())
                {
                    if (!members.TryGetValue(member.Name, out var child))
                    {
                        members[member.Name] = child = new GrowingJson();
                        taken += member.Name.Length;
                    }

                    taken += child.Take(member.Value, member.Name);
                }

                return taken;
            case JsonValueKind.Array:
                items ??= [];
                return delta.EnumerateArray().Sum(item => TakeItem(items, item));
            case JsonValueKind.Null when text is not null || members is not null || items is not null:
                return 0;
            default:
                other = delta.GetRawText();
                return other.Length;
        }
    }

    /// <summary>The member of an object, made where it is not there.</summary>
    public GrowingJson Member(string name)
    {
        members ??= new OrderedDictionary<string, GrowingJson>(StringComparer.Ordinal);
        return members.TryGetValue(name, out var child) ? child : members[name] = new GrowingJson();
    }

    public bool Has(string name) => members?.ContainsKey(name) ?? false;

    public IEnumerable<KeyValuePair<string, GrowingJson>> Members => members ?? [];

    public void Write(Utf8JsonWriter json)
    {
        if (text is not null)
        {
            json.WriteStringValue(text.ToString());
        }
        else if (members is not null)
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                json.WritePropertyName(name);
                value.Write(json);
            }

            json.WriteEndObject();
        }
        else if (items is not null)
        {
            json.WriteStartArray();
            foreach (var item in items.OrderBy(item => item.place))
            {
                item.members?.Remove("index"); // where it is has said it
                item.Write(json);
            }

            json.WriteEndArray();
        }
        else
        {
            json.WriteRawValue(other ?? "null");
        }
    }

    private static int TakeItem(List<GrowingJson> items, JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("index"u8, out var index))
        {
            var at = index.GetInt64();
            var known = items.Find(other => other.place == at);
            if (known is null) items.Add(known = new GrowingJson { place = at });
            return known.Take(item, "");
        }

        var whole = item.GetRawText();
        items.Add(new GrowingJson { place = items.Count == 0 ? 0 : items[^1].place + 1, other = whole });
        return whole.Length;
    }
}
