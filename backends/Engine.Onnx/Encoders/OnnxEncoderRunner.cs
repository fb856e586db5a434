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

    private readonly bool isPooled; // one row a text (a head's scores) and not one a token

    private OnnxEncoderRunner(InferenceSession session, string output, EncoderShape shape, bool isPooled, bool oneByOne) =>
        (this.session, this.output, Shape, this.isPooled, this.oneByOne) = (session, output, shape, isPooled, oneByOne);

    /// <inheritdoc/>
    public EncoderShape Shape { get; }

    /// <summary>Opens the folder's graph of the wanted weights.</summary>
    /// <exception cref="ModelFolderException">There is none, it is not one of an encoder, or an option cannot be met.</exception>
    public static OnnxEncoderRunner Load(ModelFolder folder, EncoderSpec spec, EncoderFolder encoder, OnnxOptions options)
    {
        var file = EncoderGraphs.Choose(folder, options.Weights);
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
            var output = EncoderGraphs.Output(opened, encoder.Task, file);
            var dimensions = opened.OutputMetadata[output].Dimensions;
            var width = encoder.Readout.Hidden;
            if (dimensions[^1] > 0 && dimensions[^1] != width) throw new ModelFolderException(file, $"'{output}' is {dimensions[^1]} wide, but config.json says {width}");
            return new OnnxEncoderRunner(opened, output, new EncoderShape(spec.Vocabulary, width, spec.ContextLength), dimensions.Length == 2, EncoderGraphs.QuantizesWhole(file));
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
            if (isPooled || rows == EncodedRows.All)
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
}
