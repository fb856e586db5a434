using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>
/// Settings → option records. Unlike the framework's binder it lists every error at once, knows no key that no record has, and keeps JSON
/// values as they were written.
/// </summary>
internal sealed class SettingsBinder(List<string> errors)
{
    private readonly List<string> wrong = [];

    /// <summary>Keys whose values could not be used: what is said of the defaults that stand there instead is untrue.</summary>
    public IReadOnlyList<string> Wrong => wrong;

    /// <summary>A record with what the section says; wrong values keep their default and are listed.</summary>
    public T Bind<T>(SettingsNode section)
        where T : new() => (T)Record(section, typeof(T));

    private object Record(SettingsNode section, Type type)
    {
        var record = Activator.CreateInstance(type)!;
        if (!IsObject(section, type)) return record;
        var properties = type.GetProperties().Where(property => property.CanWrite).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.Children)
        {
            if (!properties.TryGetValue(child.Key, out var property)) errors.Add($"{Shown(child)} is not a setting of this version");
            else if (Value(child, property.PropertyType, property.GetValue(record)) is { } value) property.SetValue(record, value);
            else if (child.Value is null or "" && !child.HasChildren && CanBeNull(property)) property.SetValue(record, null);
        }

        return record;
    }

    // Null where there is nothing, or nothing of use.
    private object? Value(SettingsNode section, Type type, object? current)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>)) return Map(section, type, (IDictionary)current!);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>)) return List(section, type);
        if (type == typeof(JsonElement)) return section.Value is { } json ? Json(json) : null;
        if (type != typeof(string) && type.IsClass) return section.HasChildren || section.IsArray || !string.IsNullOrEmpty(section.Value) ? Record(section, type) : null;
        if (section.HasChildren)
        {
            Complain(section, "holds more settings, where one value is expected");
            return null;
        }

        if (section.Value is not { } text) return null;
        if (type == typeof(string)) return text.Length == 0 ? null : text;
        if (text.Length == 0) return null;
        try
        {
            if (type == typeof(TimeSpan) && text != "0" && text.All(char.IsAsciiDigit)) throw new FormatException(); // days to .NET, and seconds to who wrote it
            if (type == typeof(DateTimeOffset)) return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            return TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            Complain(section, $"is '{text}', where {Expected(type)} is expected");
            return null;
        }
    }

    private IDictionary Map(SettingsNode section, Type type, IDictionary map)
    {
        var element = type.GetGenericArguments()[1];
        if (!IsObject(section, element)) return map;
        foreach (var child in section.Children)
            if (Value(child, element, null) is { } value) map[SettingNames.Unescape(child.Key)] = value;
            else if (element.IsClass && element != typeof(string)) map[SettingNames.Unescape(child.Key)] = Activator.CreateInstance(element);
        return map;
    }

    private object List(SettingsNode section, Type type)
    {
        var list = (IList)Activator.CreateInstance(type)!;
        var element = type.GetGenericArguments()[0];
        if (!string.IsNullOrEmpty(section.Value)) Complain(section, $"is {Shown(section.Value, element)}, where a list is expected");
        foreach (var child in section.Children)
        {
            if (!child.Key.All(char.IsAsciiDigit)) Complain(child, "stands in a list, whose entries have numbers for names");
            else if (Value(child, element, null) is { } value) list.Add(value);
            else if (element != typeof(string)) list.Add(Activator.CreateInstance(element));
            else if (!child.HasChildren) Complain(child, "is empty, where a text is expected");
        }

        return list;
    }

    private bool IsObject(SettingsNode section, Type type)
    {
        if (section.IsArray) Complain(section, "is a list, where an object is expected");
        else if (!string.IsNullOrEmpty(section.Value)) Complain(section, $"is {Shown(section.Value, type)}, where an object is expected");
        return !section.IsArray;
    }

    private void Complain(SettingsNode section, string what)
    {
        errors.Add($"{Shown(section)} {what}");
        wrong.Add(Shown(section));
    }

    // Files keep the JSON text of a value; the environment and arguments have texts that may be JSON.
    private static JsonElement Json(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return parsed.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }

    private static bool CanBeNull(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null
        || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable);

    // A key where a whole entry was expected is still a key.
    private static string Shown(string value, Type expected) => expected.GetProperties().Any(static property => property.IsDefined(typeof(SecretAttribute), inherit: false)) ? "a text" : $"'{value}'";

    private static string Shown(SettingsNode section) => SettingNames.Unescape(section.Path);

    private static string Expected(Type type) => type == typeof(TimeSpan) ? "a time such as 00:00:30 or 7.00:00:00" : type == typeof(DateTimeOffset) ? "a date such as 2027-01-31T00:00:00Z" : type == typeof(bool) ? "true or false" : type == typeof(double) || type == typeof(decimal) ? "a number" : "a whole number";
}
