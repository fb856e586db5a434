using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.TestKit.Encoders;

/// <summary>Writes an ONNX file (opset 17) field by field: what the tests need of onnx.proto, and no more.</summary>
public sealed class GraphFile
{
    private const int FloatType = 1, IntType = 7; // TensorProto.DataType

    private readonly List<byte> graph = [];
    private int names;

    /// <summary>A constant of float32 numbers; its name.</summary>
    public string Weight(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) => Tensor(FloatType, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant list of int64 numbers; its name.</summary>
    public string Ints(params ReadOnlySpan<long> values) => Tensor(IntType, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>One operator; the name of its result.</summary>
    public string Node(string type, string[] inputs, params (string Name, object Value)[] attributes)
    {
        var node = new List<byte>();
        var result = $"t{names++}";
        foreach (var input in inputs) Text(node, 1, input);
        Text(node, 2, result);
        Text(node, 4, type);
        foreach (var (name, value) in attributes) Bytes(node, 5, Attribute(name, value));
        Bytes(graph, 1, node.ToArray());
        return result;
    }

    /// <summary>An input of int64, [texts, length].</summary>
    public void Input(string name) => Bytes(graph, 11, Value(name, IntType, "texts", "length"));

    /// <summary>An output of float32.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="from">What it gives out.</param>
    /// <param name="dimensions">Names, or numbers as text.</param>
    public void Output(string name, string from, params string[] dimensions)
    {
        var node = new List<byte>();
        Text(node, 1, from);
        Text(node, 2, name);
        Text(node, 4, "Identity");
        Bytes(graph, 1, node.ToArray());
        Bytes(graph, 12, Value(name, FloatType, dimensions));
    }

    /// <summary>Writes the file.</summary>
    public void Save(string path)
    {
        var (model, opset) = (new List<byte>(), new List<byte>());
        Number(opset, 2, 17);
        Number(model, 1, 8); // ir_version
        Text(graph, 2, "g");
        Bytes(model, 7, graph.ToArray());
        Bytes(model, 8, opset.ToArray());
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, model.ToArray());
    }

    private string Tensor(int type, ReadOnlySpan<byte> data, ReadOnlySpan<long> shape)
    {
        var (tensor, name) = (new List<byte>(), $"t{names++}");
        foreach (var size in shape) Number(tensor, 1, size);
        Number(tensor, 2, type);
        Text(tensor, 8, name);
        Bytes(tensor, 9, data);
        Bytes(graph, 5, tensor.ToArray());
        return name;
    }

    private static byte[] Attribute(string name, object value)
    {
        var attribute = new List<byte>();
        Text(attribute, 1, name);
        switch (value)
        {
            case float number:
                attribute.Add((2 << 3) | 5);
                attribute.AddRange(BitConverter.GetBytes(number));
                Number(attribute, 20, 1);
                break;
            case int number:
                Number(attribute, 3, number);
                Number(attribute, 20, 2);
                break;
            case int[] many:
                foreach (var number in many) Number(attribute, 8, number);
                Number(attribute, 20, 7);
                break;
        }

        return attribute.ToArray();
    }

    private static byte[] Value(string name, int type, params string[] dimensions)
    {
        var (value, kind, tensor, shape) = (new List<byte>(), new List<byte>(), new List<byte>(), new List<byte>());
        foreach (var size in dimensions)
        {
            var dimension = new List<byte>();
            if (long.TryParse(size, out var number)) Number(dimension, 1, number);
            else Text(dimension, 2, size);
            Bytes(shape, 1, dimension.ToArray());
        }

        Number(tensor, 1, type);
        Bytes(tensor, 2, shape.ToArray());
        Bytes(kind, 1, tensor.ToArray());
        Text(value, 1, name);
        Bytes(value, 2, kind.ToArray());
        return value.ToArray();
    }

    private static void Text(List<byte> to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(List<byte> to, int field, ReadOnlySpan<byte> bytes)
    {
        Varint(to, ((ulong)field << 3) | 2);
        Varint(to, (ulong)bytes.Length);
        to.AddRange(bytes);
    }

    private static void Number(List<byte> to, int field, long value)
    {
        Varint(to, (ulong)field << 3);
        Varint(to, (ulong)value);
    }

    private static void Varint(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7) to.Add((byte)(value | 0x80));
        to.Add((byte)value);
    }
}
