using System.Globalization;
using System.Numerics;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Python's rounding: of the exact binary value, halves to even; an integer stays one.</summary>
internal static partial class Filters
{
    private const int ExactDigits = 80; // a half at 17 decimals or fewer shows within these

    private static object Round(object? value, CallArguments a)
    {
        if (!Python.IsNumber(value)) throw Wrong("round", value);
        var digits = (int)Math.Clamp(Python.ToLong(a.Get(0, "precision", 0L)), -300, 300);
        var method = a.Get(1, "method", "common") as string;
        if (method is not ("common" or "ceil" or "floor")) throw new ChatTemplateException("method must be common, ceil or floor");
        var number = Python.ToDouble(value!);
        if (method != "common")
        {
            var scale = Math.Pow(10, digits);
            return (method == "ceil" ? Math.Ceiling(number * scale) : Math.Floor(number * scale)) / scale;
        }

        if (value is not double) return digits >= 0 ? Python.Narrow(Python.ToBig(value!)) : Python.Narrow(ToUnit(Python.ToBig(value!), BigInteger.Pow(10, -digits)));
        if (!double.IsFinite(number) || digits > 17) return number;
        var exact = BigInteger.Parse(number.ToString("F" + ExactDigits, CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var rounded = ToUnit(exact, BigInteger.Pow(10, ExactDigits - digits)) / BigInteger.Pow(10, Math.Min(ExactDigits, ExactDigits - digits));
        return double.Parse($"{rounded}e{(digits > 0 ? -digits : 0)}", CultureInfo.InvariantCulture);
    }

    /// <summary>The multiple of <paramref name="unit"/> that is nearest, halves to the even multiple.</summary>
    private static BigInteger ToUnit(BigInteger value, BigInteger unit)
    {
        var rest = ((value % unit) + unit) % unit;
        var below = value - rest;
        return rest * 2 > unit || (rest * 2 == unit && !(below / unit).IsEven) ? below + unit : below;
    }
}
