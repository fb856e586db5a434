using Gateway.Engine.Models;

namespace Gateway.Engine.Tests.Models;

/// <summary>Files made to break a reader: refused by name, at once, without memory for what they claim.</summary>
public sealed class GgufHostileTests : IDisposable
{
    private const ulong Huge = 1UL << 62;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, byte[], string> Files => new()
    {
        { "magic", new GgufWriter { Magic = "GGML" }.ToBytes(), "does not begin with GGUF" },
        { "version 1", new GgufWriter { Version = 1 }.ToBytes(), "version 1" },
        { "big-endian", new GgufWriter { Version = 3 << 24 }.ToBytes(), "versions 2 and 3" },
        { "tensor count", new GgufWriter { TensorCount = Huge }.ToBytes(), "more than the file can hold" },
        { "pair count", new GgufWriter { PairCount = ulong.MaxValue }.ToBytes(), "more than the file can hold" },
        { "text length", new GgufWriter().Pair("a", 8, Count(Huge)).ToBytes(), "more than the file can hold" },
        { "array count", new GgufWriter().Pair("a", 9, [4, 0, 0, 0, .. Count(Huge)]).ToBytes(), "more than the file can hold" },
        { "array of arrays", new GgufWriter().Pair("a", 9, [9, 0, 0, 0, .. Count(1), 9, 0, 0, 0, .. Count(0)]).ToBytes(), "array holds arrays" },
        { "type of value", new GgufWriter().Pair("a", 99, 0).ToBytes(), "unknown type 99" },
        { "number", new GgufWriter().Pair("a", 10, Count(ulong.MaxValue)).ToBytes(), "beyond 63 bits" },
        { "key twice", new GgufWriter().Pair("a", 1u).Pair("a", 1u).ToBytes(), "'a' is there twice" },
        { "alignment 0", new GgufWriter().Pair("general.alignment", 0u).ToBytes(), "not a power of two" },
        { "alignment 24", new GgufWriter().Pair("general.alignment", 24u).ToBytes(), "not a power of two" },
        { "alignment text", new GgufWriter().Pair("general.alignment", "x").ToBytes(), "not a power of two" },
        { "five dimensions", new GgufWriter().Tensor("t", 0, [1, 1, 1, 1, 1], new byte[4]).ToBytes(), "5 dimensions" },
        { "no dimension", new GgufWriter().Tensor("t", 0, [], new byte[4]).ToBytes(), "rows of 0" },
        { "dimension 0", new GgufWriter().Tensor("t", 0, [0], new byte[4]).ToBytes(), "impossible dimension" },
        { "overflow", new GgufWriter().Tensor("t", 0, [Huge, 4], new byte[4]).ToBytes(), "impossible dimension" },
        { "huge tensor", new GgufWriter().Tensor("t", 0, [1UL << 61], new byte[4]).ToBytes(), "beyond the file" },
        { "offset", new GgufWriter().Tensor("t", 0, [8], new byte[32], offset: 64).ToBytes(), "beyond the file" },
        { "offset wraps", new GgufWriter().Tensor("t", 0, [8], new byte[32], offset: ulong.MaxValue - 31).ToBytes(), "beyond the file" },
        { "offset unaligned", new GgufWriter().Tensor("t", 0, [4], new byte[32], offset: 4).ToBytes(), "not aligned" },
        { "half a block", new GgufWriter().Tensor("t", 2, [48], new byte[64]).ToBytes(), "no multiple of 32" },
        { "unknown type", new GgufWriter().Tensor("t", 77, [32], new byte[64]).ToBytes(), "number 77" },
        { "known to others", new GgufWriter().Tensor("t", 16, [256], new byte[96]).ToBytes(), "IQ2_XXS" },
        { "tensor twice", new GgufWriter().Tensor("t", 0, [1], new byte[4]).Tensor("t", 0, [1], new byte[4]).ToBytes(), "'t' is there twice" },
        { "no architecture", new GgufWriter().ToBytes(), "architecture" },
        { "another architecture", new GgufWriter().Pair("general.architecture", "mamba").ToBytes(), "'mamba' is not supported" },
        { "architecture a number", new GgufWriter().Pair("general.architecture", 1u).ToBytes(), "not a text" },
        { "no heads", new GgufWriter().Pair("general.architecture", "llama").ToBytes(), "'llama.attention.head_count' is missing" },
        { "epsilon a text", Llama().Pair("llama.attention.layer_norm_rms_epsilon", "small").ToBytes(), "layer_norm_rms_epsilon" },
        { "epsilon not a number", Llama().Pair("llama.attention.layer_norm_rms_epsilon", 6, BitConverter.GetBytes(float.NaN)).ToBytes(), "layer_norm_rms_epsilon" },
        { "tokens are numbers", Llama().Pair("tokenizer.ggml.tokens", 9, [4, 0, 0, 0, .. Count(1), 0, 0, 0, 0]).Pair("tokenizer.ggml.bos_token_id", 0u).ToBytes(), "not a text" },
        { "strange tensor", Llama().Tensor("blk.0", 0, [1], new byte[4]).ToBytes(), "'blk.0'" },
        { "context", Llama(context: 0).ToBytes(), "context_length" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_hostile_file_is_refused_before_memory_is_spent_on_it(string what, byte[] bytes, string problem)
    {
        var path = folder.File(what + ".gguf");
        File.WriteAllBytes(path, bytes);
        _ = Record.Exception(() => ModelFolder.Open(path)); // so that what runs once (tables, message formats) is not counted
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = Record.Exception(() => ModelFolder.Open(path).Dispose());

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 18);
        refusal.ShouldBeOfType<ModelFolderException>().File.ShouldBe(path);
        refusal.Message.ShouldContain(problem);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = Llama().ToBytes();
        var path = folder.File("cut.gguf");
        File.WriteAllBytes(path, whole);
        ModelFolder.Open(path).Dispose();

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Record.Exception(() => ModelFolder.Open(path).Dispose()).ShouldBeOfType<ModelFolderException>($"cut to {length}");
        }
    }

    [Fact]
    public void Any_byte_turned_over_is_read_or_refused_but_never_thrown_over()
    {
        var whole = Llama().Pair("tokenizer.ggml.tokens", 9, [8, 0, 0, 0, .. Count(1), .. GgufWriter.TextBytes("a")]).ToBytes();
        var path = folder.File("turned.gguf");
        for (var at = 0; at < whole.Length; at++)
        {
            var turned = whole.ToArray();
            turned[at] ^= 0xFF;
            File.WriteAllBytes(path, turned);
            var thrown = Record.Exception(() => ModelFolder.Open(path).Dispose());
            (thrown is null or ModelFolderException).ShouldBeTrue($"byte {at}: {thrown}");
        }
    }

    private static GgufWriter Llama(uint context = 16) => new GgufWriter()
        .Pair("general.architecture", "llama").Pair("llama.attention.head_count", 1u).Pair("llama.embedding_length", 2u).Pair("llama.block_count", 1u)
        .Pair("llama.context_length", context).Pair("llama.feed_forward_length", 2u).Tensor("token_embd.weight", 0, [2, 4], new byte[32]);

    private static byte[] Count(ulong count) => BitConverter.GetBytes(count);
}
