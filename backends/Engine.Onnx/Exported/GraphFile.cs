using System.Collections.Immutable;
using System.Globalization;
using Gateway.Engine.Models;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>
/// What a <c>.onnx</c> file says of itself, read without ONNX Runtime and without touching weights: enough to decide whether and how it can be
/// served, and to refuse a file that would make the native library read elsewhere. Field numbers are those of onnx.proto.
/// </summary>
internal sealed class GraphFile
{
    private const int DeepestSubgraph = 16;
    private const long External = 1; // TensorProto.DataLocation
    private static readonly string[] KnownDomains = ["", "ai.onnx", "ai.onnx.ml", "com.microsoft"];
    private readonly Dictionary<string, GraphValue> inputs = [];
    private readonly Dictionary<string, GraphValue> outputs = [];
    private readonly HashSet<string> initializers = [];
    private readonly HashSet<string> functionDomains = [];
    private readonly HashSet<(string Domain, string Operator)> operators = [];
    private readonly Dictionary<string, int> capacities = [];
    private bool windowed;

    private GraphFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>Inputs that a caller must feed.</summary>
    public IReadOnlyDictionary<string, GraphValue> Inputs => inputs;

    public IReadOnlyDictionary<string, GraphValue> Outputs => outputs;

    /// <summary>Whether lengths are read from the mask's row sums, so that rows are padded at the right.</summary>
    public bool HasGroupQueryAttention => operators.Any(o => o.Operator == "GroupQueryAttention");

    /// <summary>Whether activations share one scale among all rows of a pass.</summary>
    public bool ScalesAcrossRows => operators.Any(o => o.Operator.StartsWith("DynamicQuantize", StringComparison.Ordinal));

    /// <summary>Whether some attention looks back a limited way.</summary>
    public bool HasWindow => windowed;

    /// <summary>By the name of a past input: the least rows that its <c>sliding_window_cache</c> wants from the first call on.</summary>
    public IReadOnlyDictionary<string, int> Capacities => capacities;

    /// <exception cref="ModelFolderException">The file is no ONNX model, uses unknown operator domains, or names data outside its folder.</exception>
    public static GraphFile Read(string path)
    {
        var graph = new GraphFile(path);
        try
        {
            using var file = new MappedFile(path);
            if (file.Length > int.MaxValue) throw new ModelFolderException(path, "is larger than 2 GB, which the format does not allow");
            graph.ReadModel(file.Slice(0, (int)file.Length));
        }
        catch (InvalidDataException broken)
        {
            throw new ModelFolderException(path, $"is not an ONNX model: {broken.Message}", broken);
        }

        foreach (var (domain, name) in graph.operators)
            if (!KnownDomains.Contains(domain) && !graph.functionDomains.Contains(domain))
                throw new ModelFolderException(path, $"uses the operator '{name}' of the domain '{domain}', which ONNX Runtime does not have");
        // Files of before IR version 4 list their weights among the inputs.
        foreach (var name in graph.initializers) graph.inputs.Remove(name);
        if (graph.outputs.Count == 0) throw new ModelFolderException(path, "is not an ONNX model: it has no outputs");
        return graph;
    }

    private void ReadModel(ReadOnlySpan<byte> bytes)
    {
        for (var model = new ProtoReader(bytes); model.Next();)
        {
            if (model.Field == 7) ReadGraph(model.Bytes(), 0);
            else if (model.Field == 25) ReadFunction(model.Bytes());
            else model.Skip();
        }
    }

    private void ReadFunction(ReadOnlySpan<byte> bytes)
    {
        for (var function = new ProtoReader(bytes); function.Next();)
        {
            if (function.Field == 7) ReadNode(function.Bytes(), 1);
            else if (function.Field == 10) functionDomains.Add(function.Text());
            else function.Skip();
        }
    }

    private void ReadGraph(ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > DeepestSubgraph) throw new InvalidDataException("subgraphs are nested too deeply");
        for (var graph = new ProtoReader(bytes); graph.Next();)
        {
            if (graph.Field == 1) ReadNode(graph.Bytes(), depth);
            else if (graph.Field == 5) ReadTensor(graph.Bytes(), depth == 0);
            else if (graph.Field == 11 && depth == 0) Add(inputs, graph.Bytes());
            else if (graph.Field == 12 && depth == 0) Add(outputs, graph.Bytes());
            else graph.Skip();
        }
    }

    private void ReadNode(ReadOnlySpan<byte> bytes, int depth)
    {
        var (name, domain, ins, numbers) = ("", "", new List<string>(), new Dictionary<string, long>());
        for (var node = new ProtoReader(bytes); node.Next();)
        {
            if (node.Field == 1) ins.Add(node.Text());
            else if (node.Field == 4) name = node.Text();
            else if (node.Field == 5) ReadAttribute(node.Bytes(), numbers, depth);
            else if (node.Field == 7) domain = node.Text();
            else node.Skip();
        }

        operators.Add((domain, name));
        if (name != "GroupQueryAttention") return;
        var window = numbers.GetValueOrDefault("local_window_size", -1);
        windowed |= window > 0;
        if (numbers.GetValueOrDefault("sliding_window_cache") == 0) return;
        if (window is <= 0 or > 1 << 24 || ins.Count < 5) throw new ModelFolderException(Path, $"an attention keeps a sliding cache with a window of {window}");
        capacities[ins[3]] = capacities[ins[4]] = (int)window;
    }

    private void ReadAttribute(ReadOnlySpan<byte> bytes, Dictionary<string, long> numbers, int depth)
    {
        var (name, number) = ("", (long?)null);
        for (var attribute = new ProtoReader(bytes); attribute.Next();)
        {
            if (attribute.Field == 1) name = attribute.Text();
            else if (attribute.Field == 3) number = attribute.Integer();
            else if (attribute.Field == 5) ReadTensor(attribute.Bytes(), isInitializer: false);
            else if (attribute.Field is 6 or 11) ReadGraph(attribute.Bytes(), depth + 1);
            else attribute.Skip();
        }

        if (number is { } found) numbers[name] = found;
    }

    private void ReadTensor(ReadOnlySpan<byte> bytes, bool isInitializer)
    {
        var (name, location, entries) = ("", 0L, new Dictionary<string, string>());
        for (var tensor = new ProtoReader(bytes); tensor.Next();)
        {
            if (tensor.Field == 8) name = tensor.Text();
            else if (tensor.Field == 13) AddEntry(entries, tensor.Bytes());
            else if (tensor.Field == 14) location = tensor.Integer();
            else tensor.Skip();
        }

        if (isInitializer) initializers.Add(name);
        if (location == External) CheckData(name, entries);
    }

    private void CheckData(string tensor, Dictionary<string, string> entries)
    {
        var name = entries.GetValueOrDefault("location", "");
        if (name.Length == 0 || name.Contains('\\') || System.IO.Path.IsPathRooted(name) || name.Split('/').Contains(".."))
            throw new ModelFolderException(Path, $"the data of '{tensor}' are said to be in '{name}', which leaves the folder");
        var data = new FileInfo(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, name));
        if (!data.Exists) throw new ModelFolderException(Path, $"the data of '{tensor}' are said to be in '{name}', which is not there");
        var (offset, length) = (Number("offset"), Number("length"));
        if (offset > data.Length || length > data.Length - offset)
            throw new ModelFolderException(data.FullName, $"is {data.Length} bytes, but '{tensor}' is said to take {length} from {offset}");

        long Number(string key) => !entries.TryGetValue(key, out var text) ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ModelFolderException(Path, $"the {key} of '{tensor}' is '{text}', not a number");
    }

    private static void AddEntry(Dictionary<string, string> entries, ReadOnlySpan<byte> bytes)
    {
        var (key, value) = ("", "");
        for (var entry = new ProtoReader(bytes); entry.Next();)
        {
            if (entry.Field == 1) key = entry.Text();
            else if (entry.Field == 2) value = entry.Text();
            else entry.Skip();
        }

        entries[key] = value;
    }

    private static void Add(Dictionary<string, GraphValue> values, ReadOnlySpan<byte> bytes)
    {
        var (name, type, sizes) = ("", 0L, ImmutableArray.CreateBuilder<long>());
        for (var value = new ProtoReader(bytes); value.Next();)
        {
            if (value.Field == 1) name = value.Text();
            else if (value.Field == 2) ReadType(value.Bytes(), ref type, sizes);
            else value.Skip();
        }

        values[name] = new GraphValue(name, (TensorElementType)type, sizes.ToImmutable());
    }

    private static void ReadType(ReadOnlySpan<byte> bytes, ref long element, ImmutableArray<long>.Builder sizes)
    {
        // TypeProto.tensor_type, in it elem_type and shape, in that dim, in that dim_value or dim_param.
        for (var type = new ProtoReader(bytes); type.Next();)
        {
            if (type.Field != 1)
            {
                type.Skip();
                continue;
            }

            for (var tensor = new ProtoReader(type.Bytes()); tensor.Next();)
            {
                if (tensor.Field == 1) element = tensor.Integer();
                else if (tensor.Field == 2) ReadShape(tensor.Bytes(), sizes);
                else tensor.Skip();
            }
        }
    }

    private static void ReadShape(ReadOnlySpan<byte> bytes, ImmutableArray<long>.Builder sizes)
    {
        for (var shape = new ProtoReader(bytes); shape.Next();)
        {
            if (shape.Field != 1)
            {
                shape.Skip();
                continue;
            }

            var size = -1L;
            for (var dimension = new ProtoReader(shape.Bytes()); dimension.Next();)
            {
                if (dimension.Field == 1) size = dimension.Integer();
                else dimension.Skip();
            }

            sizes.Add(size);
        }
    }
}
