using Gateway.Engine.Encoders;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Encoders;

/// <summary>Texts of equal length that stand together: one attention, without padding and without a mask for it.</summary>
/// <param name="FirstRow">Their first row among all tokens of the batch.</param>
/// <param name="Texts">How many.</param>
/// <param name="Length">Tokens of each.</param>
internal readonly record struct EqualTexts(int FirstRow, int Texts, int Length);

/// <summary>The texts of a step as tensors: all tokens in one row after another, nothing padded.</summary>
internal sealed class EncoderBatch
{
    public EncoderBatch(IReadOnlyList<EncoderInput> inputs, EncodedRows rows, int firstPosition, Device device)
    {
        var count = inputs.Sum(input => input.Tokens.Length);
        var (tokens, positions, types) = (new long[count], new long[count], new long[count]);
        var wanted = new List<long>(inputs.Count);
        var row = 0;
        foreach (var input in inputs)
        {
            var length = input.Tokens.Length;
            if (rows != EncodedRows.All) wanted.Add(rows == EncodedRows.First ? row : row + length - 1);
            if (Runs.Count > 0 && Runs[^1].Length == length) Runs[^1] = Runs[^1] with { Texts = Runs[^1].Texts + 1 };
            else Runs.Add(new EqualTexts(row, 1, length));
            for (var i = 0; i < length; i++, row++)
            {
                tokens[row] = input.Tokens.Span[i];
                positions[row] = firstPosition + i;
                if (!input.TokenTypes.IsEmpty) types[row] = input.TokenTypes.Span[i];
            }
        }

        Tokens = tensor(tokens, device: device);
        Positions = tensor(positions, device: device);
        TokenTypes = tensor(types, device: device);
        Wanted = rows == EncodedRows.All ? null : tensor(wanted.ToArray(), device: device);
    }

    /// <summary>[tokens].</summary>
    public Tensor Tokens { get; }

    /// <summary>[tokens].</summary>
    public Tensor Positions { get; }

    /// <summary>[tokens].</summary>
    public Tensor TokenTypes { get; }

    /// <summary>[rows] that the readout needs; null for all.</summary>
    public Tensor? Wanted { get; }

    public List<EqualTexts> Runs { get; } = [];
}
