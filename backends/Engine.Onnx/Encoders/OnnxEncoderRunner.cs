using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Encoders;

/// <summary>
/// An encoder graph, written here from a folder's weights or as Optimum and transformers.js export it: ids, mask and token types in; hidden
/// states, or the scores of a head, out. Texts of equal length share one run and nothing is padded, so that a text
/// among others has the vector that it has alone.
/// </summary>
public sealed class OnnxEncoderRunner : IEncoderRunner
{
    internal const string Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids", States = "last_hidden_state";

    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly string output;
    private readonly bool oneByOne;

    private readonly bool isPooled; // one row a text (a head's scores) and not one a token

    private OnnxEncoderRunner(InferenceSession session, string output, EncoderShape shape, bool isPooled, bool oneByOne) =>
        (this.session, this.output, Shape, this.isPooled, this.oneByOne) = (session, output, shape, isPooled, oneByOne);

    /// <inheritdoc/>
    public EncoderShape Shape { get; }

    /// <summary>Writes the graph of the folder's weights, or opens the exported one where there are no others; the folder may be closed afterwards.</summary>
    /// <exception cref="ModelFolderException">The folder does not hold what its configuration says, or an option cannot be met.</exception>
    public static OnnxEncoderRunner Load(ModelFolder folder, EncoderSpec spec, EncoderFolder encoder, OnnxOptions options)
    {
        if (EncoderFolder.IsGraph(folder)) return Open(EncoderGraphs.Choose(folder, options.Weights), spec, encoder.Readout.Hidden, encoder.Task == EncoderTask.Scoring, options);
        if (options.Weights is not ("auto" or "f32")) throw new ModelFolderException(folder.Path, $"weights in '{options.Weights}' are not supported for an embedding model; use auto or f32");
        var written = Directory.CreateTempSubdirectory("gateway-graph-").FullName;
        try
        {
            return Open(EncoderGraph.Write(spec, folder, written), spec, spec.Hidden, scores: false, options);
        }
        finally
        {
            Directory.Delete(written, recursive: true);
        }
    }

    private static OnnxEncoderRunner Open(string file, EncoderSpec spec, int width, bool scores, OnnxOptions options)
    {
        using var session = OnnxDevice.Of(options.Device, file).Options(options.Threads);
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
            var output = EncoderGraphs.Output(opened, scores, file);
            var dimensions = opened.OutputMetadata[output].Dimensions;
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
