using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Engine.Models.Safetensors;

/// <summary>
/// One <c>.safetensors</c> file: eight bytes of header length, a JSON header, the data. Every claim of the header is checked against the
/// file's size before anything is read by it.
/// </summary>
public sealed class SafetensorsFile : TensorSource
{
    private const long MaxHeaderBytes = 100_000_000; // the reference implementation's own limit
    private readonly MappedFile file;
    private readonly Dictionary<string, StoredTensor> tensors = [];

    /// <summary>Maps and checks a file.</summary>
    /// <exception cref="ModelFolderException">The file is not what it claims to be.</exception>
    public SafetensorsFile(string path)
    {
        file = new MappedFile(path);
        try
        {
            ReadHeader();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();

    private void ReadHeader()
    {
        if (file.Length < 8) throw Bad("the file is shorter than its eight-byte header length");
        var length = BitConverter.ToUInt64(file.Slice(0, 8));
        if (length > MaxHeaderBytes) throw Bad($"the header claims {length} bytes, more than the {MaxHeaderBytes} allowed");
        if ((long)length > file.Length - 8) throw Bad($"the header claims {length} bytes, but only {file.Length - 8} follow");
        var reader = new Utf8JsonReader(file.Slice(8, (int)length), new JsonReaderOptions { MaxDepth = 8 });
        var dataStart = 8 + (long)length;
        var stretches = new List<(long From, long To, string Name)>();
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw Bad("the header is not a JSON object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                using var entry = JsonDocument.ParseValue(ref reader);
                if (name == "__metadata__") continue;
                var tensor = ReadEntry(name, entry.RootElement, dataStart, stretches);
                if (!tensors.TryAdd(name, tensor)) throw Bad($"tensor '{name}' is there twice");
            }

            while (reader.Read())
            {
                // Anything but white space after the object throws.
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ModelFolderException(file.Path, $"the header is not valid: {e.Message}", e);
        }

        stretches.Sort();
        for (var i = 1; i < stretches.Count; i++)
            if (stretches[i].From < stretches[i - 1].To) throw Bad($"tensors '{stretches[i - 1].Name}' and '{stretches[i].Name}' overlap");
    }

    private MappedTensor ReadEntry(string name, JsonElement entry, long dataStart, List<(long, long, string)> stretches)
    {
        if (entry.ValueKind != JsonValueKind.Object) throw Bad($"tensor '{name}' is not described by an object");
        var type = entry.GetProperty("dtype").GetString() ?? "";
        var size = ElementTypes.SizeOf(type) ?? throw Bad($"tensor '{name}' has the unknown type '{type}'");
        var shape = entry.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToImmutableArray();
        var offsets = entry.GetProperty("data_offsets").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        if (offsets is not [var from, var to] || from < 0 || to < from) throw Bad($"tensor '{name}' has impossible data offsets");
        if (to > file.Length - dataStart) throw Bad($"tensor '{name}' ends at byte {to} of the data, but there are only {file.Length - dataStart}: the file is cut");
        if (!TryCount(shape, out var count) || count > long.MaxValue / size || count * size != to - from)
            throw Bad($"tensor '{name}' of type {type} and shape [{string.Join(", ", shape)}] does not fill the {to - from} bytes of its offsets");
        if (to > from) stretches.Add((from, to, name));
        return new MappedTensor(name, type, shape, file, dataStart + from);
    }

    private static bool TryCount(ImmutableArray<long> shape, out long count)
    {
        count = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (dimension != 0 && count > long.MaxValue / dimension)) return false;
            count *= dimension;
        }

        return true;
    }

    private ModelFolderException Bad(string problem) => new(file.Path, problem);
}
