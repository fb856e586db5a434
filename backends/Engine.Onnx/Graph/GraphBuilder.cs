using System.Runtime.InteropServices;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>
/// An ONNX graph in the making. Values are named by the texts that the methods return. Small constants lie in the graph, weights in a file beside it.
/// Field numbers are those of <c>onnx.proto</c>.
/// </summary>
internal sealed class GraphBuilder(WeightFile weights)
{
    /// <summary>Operators of ONNX Runtime itself.</summary>
    public const string Microsoft = "com.microsoft";

    private const int OperatorSet = 21;
    private const int IrVersion = 10;
    private readonly ProtoMessage graph = new();
    private readonly Dictionary<string, string> constants = [];
    private int values;

    public void Input(string name, ElementType type, params ReadOnlySpan<string> shape) => graph.Message(11, Value(name, type, shape));

    public void Output(string name, ElementType type, params ReadOnlySpan<string> shape) => graph.Message(12, Value(name, type, shape));

    /// <summary>One node with one output.</summary>
    public string Node(string op, string[] inputs, params ReadOnlySpan<(string Name, object Value)> attributes) => Node("", op, inputs, 1, attributes)[0];

    /// <summary>One node; attributes are an int, a float, a text or ints.</summary>
    public string[] Node(string domain, string op, string[] inputs, int outputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        string[] names = [.. Enumerable.Range(0, outputs).Select(_ => $"{op}_{values++}")];
        Node(domain, op, inputs, names, attributes);
        return names;
    }

    /// <summary>One node whose outputs have names already.</summary>
    public void Node(string domain, string op, string[] inputs, string[] outputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new ProtoMessage();
        foreach (var input in inputs) node.Text(1, input);
        foreach (var output in outputs) node.Text(2, output);
        node.Text(3, $"node_{values++}").Text(4, op);
        foreach (var (name, value) in attributes)
        {
            var attribute = new ProtoMessage().Text(1, name);
            _ = value switch
            {
                int number => attribute.Number(3, number).Number(20, 2),
                float real => attribute.Real(2, real).Number(20, 1),
                string text => attribute.Text(4, text).Number(20, 3),
                int[] numbers => numbers.Aggregate(attribute, (message, number) => message.Number(8, number)).Number(20, 7),
                _ => throw new ArgumentException($"an attribute of type {value.GetType()}"),
            };
            node.Message(5, attribute);
        }

        if (domain.Length > 0) node.Text(7, domain);
        graph.Message(1, node);
    }

    /// <summary>A constant of whole numbers; a shape where none is given means a vector.</summary>
    public string Numbers(params ReadOnlySpan<long> numbers) => Constant(ElementType.Int64, [numbers.Length], MemoryMarshal.AsBytes(numbers));

    /// <summary>A single number.</summary>
    public string Real(double value) => Constant(ElementType.Float, [], BitConverter.GetBytes((float)value));

    /// <summary>A small tensor of numbers.</summary>
    public string Reals(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) => Constant(ElementType.Float, shape, MemoryMarshal.AsBytes(values));

    /// <summary>A weight; its bytes are written by <paramref name="write"/> to the file beside the graph.</summary>
    public string Weight(string name, ElementType type, long[] shape, Action<WeightFile> write)
    {
        var (offset, length) = weights.Append(write);
        var tensor = Tensor(name, type, shape).Number(14, 1);
        foreach (var (key, value) in new[] { ("location", weights.Name), ("offset", offset.ToString()), ("length", length.ToString()) })
            tensor.Message(13, new ProtoMessage().Text(1, key).Text(2, value));
        graph.Message(5, tensor);
        return name;
    }

    /// <summary>The file: a model message.</summary>
    public byte[] Finish() => new ProtoMessage().Number(1, IrVersion).Text(2, "gateway")
        .Message(7, graph.Text(2, "decoder"))
        .Message(8, new ProtoMessage().Text(1, "").Number(2, OperatorSet))
        .Message(8, new ProtoMessage().Text(1, Microsoft).Number(2, 1)).Bytes.ToArray();

    private string Constant(ElementType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
    {
        var key = $"{type}:{string.Join(',', shape.ToArray())}:{Convert.ToHexString(bytes)}";
        if (constants.TryGetValue(key, out var known)) return known;
        var name = $"constant_{constants.Count}";
        graph.Message(5, Tensor(name, type, shape).Raw(9, bytes));
        return constants[key] = name;
    }

    private static ProtoMessage Tensor(string name, ElementType type, ReadOnlySpan<long> shape)
    {
        var tensor = new ProtoMessage();
        foreach (var size in shape) tensor.Number(1, size);
        return tensor.Number(2, (int)type).Text(8, name);
    }

    private static ProtoMessage Value(string name, ElementType type, ReadOnlySpan<string> shape)
    {
        var dimensions = new ProtoMessage();
        foreach (var size in shape) dimensions.Message(1, long.TryParse(size, out var number) ? new ProtoMessage().Number(1, number) : new ProtoMessage().Text(2, size));
        return new ProtoMessage().Text(1, name).Message(2, new ProtoMessage().Message(1, new ProtoMessage().Number(1, (int)type).Message(2, dimensions)));
    }
}

/// <summary>Element types by their numbers in <c>onnx.proto</c>.</summary>
internal enum ElementType
{
    /// <summary>float32.</summary>
    Float = 1,

    /// <summary>Bytes.</summary>
    UInt8 = 2,

    /// <summary>Indices.</summary>
    Int64 = 7,

    /// <summary>float16.</summary>
    Float16 = 10,
}
