using System.Runtime.InteropServices;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;

namespace Gateway.Engine.Tests.Models;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, byte[], float[]> Types => new()
    {
        { "F32", Bytes<float>([1.5f, -0f, float.Epsilon, float.MaxValue]), [1.5f, -0f, float.Epsilon, float.MaxValue] },
        { "F16", Bytes<Half>([(Half)0.1f, Half.MaxValue, Half.Epsilon, Half.NegativeInfinity]), [0.0999755859375f, 65504, 5.9604645E-08f, float.NegativeInfinity] },
        { "BF16", Bytes<ushort>([0x3F80, 0xC049, 0x0001, 0xFF80]), [1, -3.140625f, BitConverter.UInt32BitsToSingle(0x10000), float.NegativeInfinity] },
        { "F64", Bytes<double>([0.1, -1e300, 1e-300, 2]), [0.1f, float.NegativeInfinity, 0, 2] },
        { "I64", Bytes<long>([-5, 1L << 40, 0, 7]), [-5, 1.0995116E+12f, 0, 7] },
        { "I32", Bytes([-5, int.MinValue, 0, 7]), [-5, -2147483648f, 0, 7] },
        { "I16", Bytes<short>([-5, short.MinValue, 0, 7]), [-5, -32768, 0, 7] },
        { "I8", [0xFB, 0x80, 0, 7], [-5, -128, 0, 7] },
        { "U8", [0xFB, 0x80, 0, 7], [251, 128, 0, 7] },
        { "BOOL", [1, 0, 0, 1], [1, 0, 0, 1] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_is_read_exactly_and_from_any_element(string type, byte[] bytes, float[] expected)
    {
        var path = folder.File("model.safetensors");
        new SafetensorsWriter().Add("before", [9f], 1).Add("it", type, bytes, 2, 2).Save(path);
        using var file = new SafetensorsFile(path);
        var tensor = file.Tensors["it"];
        var whole = new float[4];
        var middle = new float[2];

        tensor.Read(0, whole);
        tensor.Read(1, middle);

        tensor.Type.ShouldBe(type);
        tensor.Shape.ShouldBe([2L, 2L]);
        whole.Select(BitConverter.SingleToUInt32Bits).ShouldBe(expected.Select(BitConverter.SingleToUInt32Bits));
        middle.ShouldBe(expected[1..3]);
        Should.Throw<ArgumentOutOfRangeException>(() => tensor.Read(3, new float[2]));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", "header is not valid")]
    [InlineData("""[]""", "not a JSON object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} {}""", "header is not valid")]
    [InlineData("""{"a":7}""", "not described by an object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "header is not valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "header is not valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":7,"data_offsets":[0,8]}}""", "header is not valid")]
    [InlineData("""{"a":{"dtype":"F3","shape":[2],"data_offsets":[0,8]}}""", "unknown type 'F3'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", "'a' and 'b' overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", "the file is cut")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "impossible data offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "impossible data offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}}""", "impossible data offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "does not fill the 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4,2],"data_offsets":[0,8]}}""", "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}}""", "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", "header is not valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "'a' is there twice")]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{}}}}}}}}}""", "header is not valid")]
    public void A_header_that_lies_is_refused_by_the_file_s_name(string header, string problem)
    {
        var path = folder.File("model.safetensors");
        File.WriteAllBytes(path, SafetensorsWriter.Raw(header, new byte[16]));

        var refusal = Should.Throw<ModelFolderException>(() => new SafetensorsFile(path));

        refusal.File.ShouldBe(path);
        refusal.Message.ShouldContain(problem);
    }

    [Theory]
    [InlineData(new byte[0], "empty")]
    [InlineData(new byte[] { 1, 0, 0 }, "shorter than")]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, (byte)'{' }, "only 1 follow")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x80, (byte)'{' }, "more than the 100000000 allowed")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "header is not valid")]
    [InlineData(new byte[] { 6, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'}' }, "header is not valid")]
    public void A_file_that_is_no_safetensors_is_refused(byte[] bytes, string problem)
    {
        var path = folder.File("model.safetensors");
        File.WriteAllBytes(path, bytes);

        Should.Throw<ModelFolderException>(() => new SafetensorsFile(path)).Message.ShouldContain(problem);
    }

    [Fact]
    public void Shards_are_one_source_and_files_outside_the_index_are_not_read()
    {
        new SafetensorsWriter().Add("a", [1f], 1).Save(folder.File("one.safetensors"));
        new SafetensorsWriter().Add("b", [2f], 1).Save(folder.File("two.safetensors"));
        new SafetensorsWriter().Add("a", [3f], 1).Save(folder.File("other.safetensors"));
        Index("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""");

        using var source = ShardedTensors.Open(folder.Path);

        source.Tensors.Keys.ShouldBe(["a", "b"], ignoreOrder: true);
        var value = new float[1];
        source.Tensors["a"].Read(0, value);
        value[0].ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"one.safetensors","c":"gone.safetensors"}}""", "'gone.safetensors', which is not there")]
    [InlineData("""{"weight_map":{"c":"one.safetensors"}}""", "'c' is said to be in 'one.safetensors'")]
    [InlineData("""{"weight_map":{"a":"../one.safetensors"}}""", "leaves the folder")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "leaves the folder")]
    [InlineData("""{"weight_map":{"a":".."}}""", "which is not there")]
    [InlineData("""{"weight_map":{"a":null}}""", "leaves the folder")]
    [InlineData("""{"weight_map":{"a":5}}""", "not a valid index")]
    [InlineData("""{"weight_map":[]}""", "not a valid index")]
    [InlineData("""{}""", "not a valid index")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"same.safetensors"}}""", "'a' is in another shard too")]
    public void An_index_that_lies_is_refused(string index, string problem)
    {
        new SafetensorsWriter().Add("a", [1f], 1).Save(folder.File("one.safetensors"));
        new SafetensorsWriter().Add("a", [1f], 1).Add("b", [1f], 1).Save(folder.File("same.safetensors"));
        Index(index);

        Should.Throw<ModelFolderException>(() => ShardedTensors.Open(folder.Path)).Message.ShouldContain(problem);
    }

    private void Index(string json) => File.WriteAllText(folder.File("model.safetensors.index.json"), json);

    private static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
