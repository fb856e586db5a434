using System.Globalization;
using System.Numerics;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>A JSON number with all its digits: <c>Unscaled × 10^−Scale</c>, in its shortest form, so that equal numbers are equal records.</summary>
internal sealed record ExactNumber(BigInteger Unscaled, int Scale)
{
    public bool IsWhole => Scale == 0;

    /// <summary>The largest multiple of <c>10^−scale</c> that is not greater, in that unit.</summary>
    public BigInteger Floor(int scale) => scale >= Scale ? Unscaled * Power(scale - Scale) : Divided(scale, up: false);

    /// <summary>The smallest that is not less.</summary>
    public BigInteger Ceiling(int scale) => scale >= Scale ? Unscaled * Power(scale - Scale) : Divided(scale, up: true);

    /// <summary>Null beyond the range of a double.</summary>
    public static ExactNumber? Parse(string text)
    {
        var letter = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = letter < 0 ? text : text[..letter];
        if (!int.TryParse(letter < 0 ? "0" : text.AsSpan(letter + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) || Math.Abs(exponent) > 400 || text.Length > 1_000) return null;
        if (!double.IsFinite(double.Parse(text, CultureInfo.InvariantCulture))) return null;
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        var number = BigInteger.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= 0) return new ExactNumber(number * Power(exponent), 0);
        var scale = -exponent;
        while (scale > 0 && BigInteger.DivRem(number, 10, out var rest) is var shorter && rest.IsZero) (number, scale) = (shorter, scale - 1);
        return new ExactNumber(number, scale);
    }

    public static BigInteger Power(int exponent) => BigInteger.Pow(10, exponent);

    private BigInteger Divided(int scale, bool up)
    {
        var quotient = BigInteger.DivRem(Unscaled, Power(Scale - scale), out var rest);
        if (up && rest.Sign > 0) return quotient + 1;
        return !up && rest.Sign < 0 ? quotient - 1 : quotient;
    }
}
