using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Encoders;

/// <summary>
/// An encoder graph as Optimum and transformers.js export it: ids, mask and token types in; hidden states, or the scores of a head, out. Texts
/// of equal length share one run and nothing is padded, so that a text among others has the vector that it has alone.
/// </summary>
public sealed class OnnxEncoderRunner : IEncoderRunner
{
    private const string Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids";

    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly string output;
    private readonly bool oneByOne;

    private OnnxEncoderRunner(InferenceSession session, string output, EncoderShape shape, bool isPooled, bool oneByOne)
    {
        (this.session, this.output, this.oneByOne) = (session, output, oneByOne);
        (Shape, IsPooled) = (shape, isPooled);
    }

    /// <inheritdoc/>
    public EncoderShape Shape { get; }

    /// <summary>Whether the graph gives one row a text (a head's scores) and not one a token.</summary>
    public bool IsPooled { get; }

    /// <summary>Opens a graph.</summary>
    /// <param name="file">The <c>.onnx</c> file.</param>
    /// <param name="vocabulary">Token ids are below it.</param>
    /// <param name="context">Most tokens of one text.</param>
    /// <param name="options">Device and threads.</param>
    /// <exception cref="ModelFolderException">The graph is not one of an encoder, or an option cannot be met.</exception>
    public static OnnxEncoderRunner Load(string file, int vocabulary, int context, OnnxOptions options)
    {
        if (options.Device is not ("auto" or "cpu")) throw new ModelFolderException(file, $"the device '{options.Device}' is not supported for an encoder graph; use auto or cpu");
        using var session = new SessionOptions { IntraOpNumThreads = options.Threads ?? Environment.ProcessorCount, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        InferenceSession opened;
        try
        {
            opened = new InferenceSession(file, session);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFolderException(file, $"ONNX Runtime does not take it: {e.Message}", e);
        }

        try
        {
            var unknown = opened.InputMetadata.Keys.FirstOrDefault(name => name is not (Ids or Mask or Types));
            if (unknown is not null) throw new ModelFolderException(file, $"the graph has the input '{unknown}'; an encoder's are {Ids}, {Mask} and {Types}");
            if (!opened.InputMetadata.ContainsKey(Ids)) throw new ModelFolderException(file, $"the graph has no input '{Ids}'");
            var output = Output(opened, file);
            var width = opened.OutputMetadata[output].Dimensions[^1];
            if (width < 1) throw new ModelFolderException(file, $"the graph does not say how wide '{output}' is");
            return new OnnxEncoderRunner(opened, output, new EncoderShape(vocabulary, width, context), opened.OutputMetadata[output].Dimensions.Length == 2, QuantizesWhole(file));
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Forward(IReadOnlyList<EncoderInput> inputs, EncodedRows rows, Span<float> hidden)
    {
        for (var first = 0; first < inputs.Count;)
        {
            var length = inputs[first].Tokens.Length;
            var texts = 1;
            while (!oneByOne && first + texts < inputs.Count && inputs[first + texts].Tokens.Length == length) texts++;
            hidden = hidden[Run(inputs.Skip(first).Take(texts).ToList(), length, rows, hidden)..];
            first += texts;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }

    /// <returns>Values written.</returns>
    private int Run(List<EncoderInput> texts, int length, EncodedRows rows, Span<float> hidden)
    {
        var values = new List<OrtValue>();
        try
        {
            var names = session.InputNames;
            foreach (var name in names) values.Add(OrtValue.CreateTensorValueFromMemory(Input(name, texts, length), [texts.Count, length]));
            using var results = session.Run(options, names, values, [output]);
            var states = Floats(results[0]); // [texts, length, hidden], or [texts, width] of a head
            if (IsPooled || rows == EncodedRows.All)
            {
                states.CopyTo(hidden);
                return states.Length;
            }

            for (var text = 0; text < texts.Count; text++)
                states.Slice(((text * length) + (rows == EncodedRows.First ? 0 : length - 1)) * Shape.Hidden, Shape.Hidden).CopyTo(hidden[(text * Shape.Hidden)..]);
            return texts.Count * Shape.Hidden;
        }
        finally
        {
            foreach (var value in values) value.Dispose();
        }
    }

    private static long[] Input(string name, List<EncoderInput> texts, int length)
    {
        var values = new long[texts.Count * length];
        if (name == Mask) Array.Fill(values, 1);
        for (var text = 0; text < texts.Count && name != Mask; text++)
        {
            var from = (name == Ids ? texts[text].Tokens : texts[text].TokenTypes).Span;
            for (var i = 0; i < from.Length; i++) values[(text * length) + i] = from[i];
        }

        return values;
    }

    private static ReadOnlySpan<float> Floats(OrtValue value)
    {
        if (value.GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float) return value.GetTensorDataAsSpan<float>();
        var halves = value.GetTensorDataAsSpan<Float16>();
        var floats = new float[halves.Length];
        for (var i = 0; i < floats.Length; i++) floats[i] = (float)halves[i];
        return floats;
    }

    /// <summary>Hidden states by any of their names are of rank three; a graph that has only scores gives those.</summary>
    private static string Output(InferenceSession session, string file)
    {
        var outputs = session.OutputMetadata.Where(entry => entry.Value.ElementDataType is Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float or Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float16).ToList();
        foreach (var name in (string[])["last_hidden_state", "token_embeddings", "logits"])
            if (outputs.Exists(entry => entry.Key == name)) return name;
        return outputs.Find(entry => entry.Value.Dimensions.Length == 3).Key
            ?? throw new ModelFolderException(file, $"the graph's outputs ({string.Join(", ", session.OutputMetadata.Keys)}) are neither hidden states nor scores");
    }

    /// <summary>DynamicQuantizeLinear takes one scale from all texts of a run: only alone does a text have its own numbers.</summary>
    private static bool QuantizesWhole(string file)
    {
        using var stream = File.OpenRead(file);
        var window = new byte[1 << 16];
        var name = "DynamicQuantize"u8;
        var kept = 0;
        int read;
        while ((read = stream.Read(window, kept, window.Length - kept)) > 0)
        {
            var here = window.AsSpan(0, kept + read);
            if (here.IndexOf(name) >= 0) return true;
            kept = Math.Min(name.Length - 1, here.Length);
            here[^kept..].CopyTo(window);
        }

        return false;
    }
}
