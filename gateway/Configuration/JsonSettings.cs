using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Configuration;

/// <summary>
/// A file of settings, JSON with comments. As the framework's own, except that names may hold colons and that values under <c>Defaults</c>
/// and <c>Overrides</c> stay JSON, so that <c>"7"</c> and <c>7</c> remain two things. Read once; who wants it anew asks anew.
/// </summary>
internal sealed class JsonSettings(string path, bool optional) : IConfigurationSource
{
    private static readonly JsonDocumentOptions Reading = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(path, optional);

    /// <summary>What a file says.</summary>
    internal sealed class Provider(string path, bool optional) : ConfigurationProvider
    {
        private readonly List<string> errors = [];
        private readonly List<string> arrays = [];
        private readonly List<(string, IReadOnlyList<string>)> sections = [];

        /// <summary>Where it is.</summary>
        public string File => path;

        /// <summary>Every key with its value.</summary>
        public IEnumerable<(string Path, string? Value)> All => Data.Select(static entry => (entry.Key, entry.Value));

        /// <summary>Keys of one object of which settings would see only one.</summary>
        public IReadOnlyList<string> Errors => errors;

        /// <summary>Where lists stand.</summary>
        public IReadOnlyList<string> Arrays => arrays;

        /// <summary>What stands at the top, and what is in it.</summary>
        public IReadOnlyList<(string Name, IReadOnlyList<string> Keys)> Sections => sections;

        public override void Load()
        {
            if (optional && !System.IO.File.Exists(path)) return;
            try
            {
                using var document = JsonDocument.Parse(Text(), Reading);
                if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{path}: an object is expected.");
                Object(document.RootElement, "");
                foreach (var section in document.RootElement.EnumerateObject())
                    sections.Add((section.Name, section.Value.ValueKind == JsonValueKind.Object ? [.. section.Value.EnumerateObject().Select(static below => below.Name)] : []));
            }
            catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
            {
                // The second is what half of a surrogate pair comes to.
                throw new InvalidDataException($"{path}: {wrong.Message}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"{path}: {e.Message}");
            }
        }

        // Editors of one system begin a file with a mark, and those of an older one write another encoding.
        private ReadOnlyMemory<byte> Text()
        {
            ReadOnlyMemory<byte> text = System.IO.File.ReadAllBytes(path);
            if (text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
            if (Utf8.IsValid(text.Span)) return text;
            throw new InvalidDataException($"{path}: it is not UTF-8 (line {Line(text.Span)}); save it as UTF-8.");
        }

        // The first with bytes that are none.
        private static int Line(ReadOnlySpan<byte> text)
        {
            var line = 1;
            foreach (var range in text.Split((byte)'\n'))
            {
                if (!Utf8.IsValid(text[range])) break;
                line++;
            }

            return line;
        }

        private void Object(JsonElement element, string prefix)
        {
            var any = false;
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var property in element.EnumerateObject())
            {
                any = true;
                if (!seen.Add(property.Name)) Twice(prefix, seen.Single(name => name.Equals(property.Name, StringComparison.OrdinalIgnoreCase)), property.Name);
                var key = prefix.Length == 0 ? SettingNames.Escape(property.Name) : $"{prefix}:{SettingNames.Escape(property.Name)}";
                if (!IsJson(prefix)) Value(property.Value, key);
                else Set(key, property.Value.GetRawText());
            }

            if (!any && prefix.Length > 0) Set(prefix, null);
        }

        private void Twice(string prefix, string first, string second)
        {
            var at = prefix.Length == 0 ? path : $"{SettingNames.Unescape(prefix)} ({path})";
            errors.Add(first == second ? $"{at}: '{first}' stands twice" : $"{at}: '{first}' and '{second}' differ only in case, which settings do not tell apart");
        }

        private void Value(JsonElement value, string key)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    Object(value, key);
                    break;
                case JsonValueKind.Array:
                    arrays.Add(key);
                    foreach (var (at, item) in value.EnumerateArray().Index()) Value(item, $"{key}:{at}");
                    if (value.GetArrayLength() == 0) Set(key, "");
                    break;
                case JsonValueKind.Null:
                    Set(key, null);
                    break;
                default:
                    Set(key, value.ToString());
                    break;
            }
        }

        // Gateway:Models:{name}:Defaults and …:Overrides
        private static bool IsJson(string prefix)
        {
            var parts = prefix.Split(':');
            return parts.Length == 4 && parts[0].Equals("Gateway", StringComparison.OrdinalIgnoreCase) && parts[1].Equals("Models", StringComparison.OrdinalIgnoreCase)
                && (parts[3].Equals("Defaults", StringComparison.OrdinalIgnoreCase) || parts[3].Equals("Overrides", StringComparison.OrdinalIgnoreCase));
        }
    }
}
