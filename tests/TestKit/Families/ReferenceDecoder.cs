using Gateway.Engine.Models;

namespace Gateway.TestKit.Families;

/// <summary>
/// The arithmetic of a <see cref="DecoderSpec"/> in plain loops over double, one prompt at a time, no cache: slow, short, and sharing nothing with
/// the engines but the description. The truth for configurations that have no golden data.
/// </summary>
public sealed class ReferenceDecoder(DecoderSpec spec, TensorSource source)
{
    /// <summary>Logits of the last position.</summary>
    public double[] Logits(int[] prompt)
    {
        var names = spec.Names;
        var width = spec.EmbeddingWidth ?? spec.Hidden;
        var embedding = Weight(names.Embedding + ".weight")!;
        var x = prompt.Select(token => embedding.AsSpan(token * width, width).ToArray().Select(value => value * spec.EmbeddingScale).ToArray()).ToArray();
        if (names.ProjectIn is not null) x = Each(x, row => Linear(row, names.ProjectIn));
        if (names.Positions is not null)
        {
            var positions = Weight(names.Positions + ".weight")!;
            x = [.. x.Select((row, p) => row.Select((value, i) => value + positions[((p + spec.PositionOffset) * spec.Hidden) + i]).ToArray())];
        }

        if (names.EmbeddingNorm is not null) x = Each(x, row => Norm(row, names.EmbeddingNorm));
        for (var n = 0; n < spec.Layers; n++) x = Layer(n, x);
        var last = x[^1];
        if (names.FinalNorm is not null) last = Norm(last, names.FinalNorm);
        if (names.ProjectOut is not null) last = Linear(last, names.ProjectOut);
        var head = spec.TiedHead ? embedding : Weight(names.Head + ".weight")!;
        return [.. Enumerable.Range(0, spec.Vocabulary).Select(v => Cap(Dot(last, head.AsSpan(v * width, width)), spec.LogitCap))];
    }

    private double[][] Layer(int n, double[][] x)
    {
        string Name(string name) => name.Replace("{N}", n.ToString(), StringComparison.Ordinal);
        var names = spec.Names;
        double[][] Attend(double[][] rows)
        {
            var o = Each(Attention(n, rows), row => Linear(row, Name(names.Output)));
            return names.AttentionOutputNorm is null ? o : Each(o, row => Norm(row, Name(names.AttentionOutputNorm)));
        }

        double[][] Feed(double[][] rows)
        {
            var o = Each(rows, row => spec.LayerSpecs[n].Experts ? Experts(row, Name) : Dense(row, names.Gate is null ? null : Name(names.Gate), Name(names.Up), Name(names.Down)));
            return names.MlpOutputNorm is null ? o : Each(o, row => Norm(row, Name(names.MlpOutputNorm)));
        }

        double[][] AttentionNorm(double[][] rows) => Each(rows, row => Norm(row, Name(names.AttentionNorm)));
        double[][] MlpNorm(double[][] rows) => Each(rows, row => Norm(row, Name(names.MlpNorm)));
        switch (spec.Residual)
        {
            case ResidualKind.Parallel:
                return Add(x, Add(Attend(AttentionNorm(x)), Feed(MlpNorm(x))));
            case ResidualKind.NormAfter:
                x = AttentionNorm(Add(x, Attend(x)));
                return MlpNorm(Add(x, Feed(x)));
            default:
                x = Add(x, Attend(AttentionNorm(x)));
                return Add(x, Feed(MlpNorm(x)));
        }
    }

    private double[][] Attention(int n, double[][] x)
    {
        string Name(string name) => name.Replace("{N}", n.ToString(), StringComparison.Ordinal);
        var (names, own, size, length) = (spec.Names, spec.LayerSpecs[n], spec.HeadDim, x.Length);
        var group = spec.Heads / spec.KvHeads;
        var (q, k, v) = (new double[length][], new double[length][], new double[length][]);
        for (var p = 0; p < length; p++)
        {
            (q[p], k[p], v[p]) = Projections(x[p], Name);
            for (var h = 0; h < spec.Heads; h++) Turn(p, length, q[p].AsSpan(h * size, size), names.QueryNorm, Name, own.Rotary);
            for (var h = 0; h < spec.KvHeads; h++) Turn(p, length, k[p].AsSpan(h * size, size), names.KeyNorm, Name, own.Rotary);
        }

        var output = new double[length][];
        for (var p = 0; p < length; p++)
        {
            output[p] = new double[spec.Heads * size];
            for (var h = 0; h < spec.Heads; h++)
            {
                var from = own.Window is { } window ? Math.Max(0, p - window + 1) : 0;
                var scores = Enumerable.Range(from, p - from + 1).Select(j =>
                    Cap(Dot(q[p].AsSpan(h * size, size), k[j].AsSpan(h / group * size, size)) * spec.ScoreScale, spec.ScoreCap) + (spec.Position == PositionKind.Alibi ? Slope(h) * j : 0)).ToArray();
                var top = scores.Max();
                var sum = scores.Sum(score => Math.Exp(score - top));
                for (var j = 0; j < scores.Length; j++)
                    for (var i = 0; i < size; i++) output[p][(h * size) + i] += Math.Exp(scores[j] - top) / sum * v[from + j][(h / group * size) + i];
            }
        }

        return output;
    }

    private (double[] Q, double[] K, double[] V) Projections(double[] row, Func<string, string> name)
    {
        var (q, kv, size) = (spec.Heads * spec.HeadDim, spec.KvHeads * spec.HeadDim, spec.HeadDim);
        if (spec.Names.Qkv.Count == 3) return (Linear(row, name(spec.Names.Qkv[0])), Linear(row, name(spec.Names.Qkv[1])), Linear(row, name(spec.Names.Qkv[2])));
        var all = Linear(row, name(spec.Names.Qkv[0]));
        if (spec.Names.Fused == FusedLayout.Blocks) return (all[..q], all[q..(q + kv)], all[(q + kv)..]);
        double[] Part(int part) => [.. Enumerable.Range(0, q).Select(i => all[(((i / size * 3) + part) * size) + (i % size)])];
        return (Part(0), Part(1), Part(2));
    }

    private void Turn(int position, int length, Span<double> head, string? norm, Func<string, string> name, RotarySpec? rotary)
    {
        if (norm is not null) Norm([.. head], name(norm), NormKind.RmsNorm).CopyTo(head);
        if (rotary is null) return;
        var frequencies = rotary.Scaling is { } scaling && length > scaling.Past ? rotary.Stretched!(length) : rotary.InverseFrequencies;
        var half = frequencies.Count;
        for (var i = 0; i < half; i++)
        {
            var (sin, cos) = Math.SinCos(position * frequencies[i]);
            var (a, b) = (head[i], head[i + half]);
            head[i] = ((a * cos) - (b * sin)) * rotary.Attention;
            head[i + half] = ((b * cos) + (a * sin)) * rotary.Attention;
        }
    }

    private double[] Dense(double[] x, string? gate, string up, string down)
    {
        var inside = Linear(x, up);
        if (!spec.Gated) return Linear([.. inside.Select(Activate)], down);
        var (gates, values) = gate is null ? (inside[..(inside.Length / 2)], inside[(inside.Length / 2)..]) : (Linear(x, gate), inside);
        return Linear([.. gates.Zip(values, (g, value) => Activate(g) * value)], down);
    }

    private double[] Experts(double[] x, Func<string, string> name)
    {
        var (names, experts) = (spec.Names, spec.Experts!);
        var scores = Linear(x, name(names.Router!));
        var chosen = Enumerable.Range(0, experts.Count).OrderByDescending(e => scores[e]).Take(experts.PerToken).ToList();
        var among = experts.Weighting == ExpertWeighting.OverAll ? Enumerable.Range(0, experts.Count) : chosen;
        var sum = among.Sum(e => Math.Exp(scores[e]));
        var y = new double[x.Length];
        foreach (var e in chosen)
        {
            string Own(string? part) => name(part!).Replace("{E}", e.ToString(), StringComparison.Ordinal);
            var output = Dense(x, Own(names.ExpertGate), Own(names.ExpertUp), Own(names.ExpertDown));
            for (var i = 0; i < y.Length; i++) y[i] += Math.Exp(scores[e]) / sum * output[i];
        }

        return y;
    }

    private double Activate(double x) => spec.Activation switch
    {
        Activation.Silu => x / (1 + Math.Exp(-x)),
        Activation.Relu => Math.Max(x, 0),
        Activation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        _ => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
    };

    /// <summary>The Maclaurin series; arguments here are small.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5) return Math.Sign(x);
        double term = x, sum = x;
        for (var k = 1; k < 200; k++)
        {
            term *= -x * x / k;
            sum += term / ((2 * k) + 1);
        }

        return sum * 2 / Math.Sqrt(Math.PI);
    }

    private double Slope(int head)
    {
        var power = 1 << (int)Math.Floor(Math.Log2(spec.Heads));
        return head < power ? Math.Pow(2, -8.0 * (head + 1) / power) : Math.Pow(2, -4.0 * ((2 * (head - power)) + 1) / power);
    }

    private double[] Norm(double[] x, string name, NormKind? kind = null)
    {
        var weight = Weight(name + ".weight")!;
        if ((kind ?? spec.Norm) == NormKind.RmsNorm)
        {
            var scale = 1 / Math.Sqrt((x.Sum(value => value * value) / x.Length) + spec.NormEpsilon);
            return [.. x.Select((value, i) => value * scale * (weight[i] + (spec.UnitOffsetNorm ? 1 : 0)))];
        }

        var (bias, mean) = (Weight(name + ".bias")!, x.Average());
        var deviation = Math.Sqrt((x.Sum(value => (value - mean) * (value - mean)) / x.Length) + spec.NormEpsilon);
        return [.. x.Select((value, i) => ((value - mean) / deviation * weight[i]) + bias[i])];
    }

    private double[] Linear(double[] x, string name)
    {
        var (weight, bias) = (Weight(name + ".weight")!, Weight(name + ".bias", optional: true));
        var outs = weight.Length / x.Length;
        return [.. Enumerable.Range(0, outs).Select(o =>
        {
            double sum = bias?[o] ?? 0;
            for (var i = 0; i < x.Length; i++) sum += x[i] * (spec.Names.Transposed ? weight[(i * outs) + o] : weight[(o * x.Length) + i]);
            return sum;
        })];
    }

    private readonly Dictionary<string, double[]?> read = [];

    private double[]? Weight(string name, bool optional = false)
    {
        if (read.TryGetValue(name, out var values)) return values;
        var stored = spec.Names.Prefixes.Select(prefix => prefix + name).Append(name).Select(full => source.Tensors.GetValueOrDefault(full)).FirstOrDefault(tensor => tensor is not null);
        if (stored is null) return optional ? read[name] = null : throw new KeyNotFoundException(name);
        var floats = new float[stored.Count];
        stored.Read(0, floats);
        return read[name] = [.. floats.Select(value => (double)value)];
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double Cap(double value, double? cap) => cap is { } bound ? Math.Tanh(value / bound) * bound : value;

    private static double[][] Each(double[][] rows, Func<double[], double[]> map) => [.. rows.Select(map)];

    private static double[][] Add(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (one, other) => one + other).ToArray())];
}
