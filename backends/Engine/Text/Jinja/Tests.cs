using System.Numerics;

namespace Gateway.Engine.Text.Jinja;

/// <summary>What stands after <c>is</c>.</summary>
internal static class Tests
{
    public static bool Run(string name, object? value, CallArguments a) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "true" => value is true,
        "false" => value is false,
        "boolean" => value is bool,
        "integer" => value is long or BigInteger,
        "float" => value is double,
        "number" => Python.IsNumber(value),
        "string" => value is string,
        "mapping" => value is Dict and not Namespace,
        "sequence" => value is string or Sequence { Kind: not SequenceKind.Generator } or Dict and not Namespace,
        "iterable" => value is string or Sequence or Dict and not Namespace or Undefined,
        "callable" => value is Function,
        "even" => Python.ToLong(value) % 2 == 0,
        "odd" => Python.ToLong(value) % 2 != 0,
        "divisibleby" => Python.AreEqual(Python.Calculate("%", value, a.Need(0, "num")), 0L),
        "eq" or "equalto" or "==" => Python.AreEqual(value, a.Need(0, "other")),
        "ne" or "!=" => !Python.AreEqual(value, a.Need(0, "other")),
        "lt" or "lessthan" or "<" => Python.Compare(value, a.Need(0, "other")) < 0,
        "le" or "<=" => Python.Compare(value, a.Need(0, "other")) <= 0,
        "gt" or "greaterthan" or ">" => Python.Compare(value, a.Need(0, "other")) > 0,
        "ge" or ">=" => Python.Compare(value, a.Need(0, "other")) >= 0,
        "in" => Members.Contains(a.Need(0, "seq"), value),
        "lower" => Python.Str(value) is var text && text.Any(char.IsLetter) && !text.Any(char.IsUpper),
        "upper" => Python.Str(value) is var text && text.Any(char.IsLetter) && !text.Any(char.IsLower),
        "sameas" => value is null or bool ? Equals(value, a.Need(0, "other")) : ReferenceEquals(value, a.Need(0, "other")) || (value is long or string && Equals(value, a.Get(0, "other"))),
        "escaped" => false,
        "filter" => value is string known && Filters.Names.Contains(known),
        "test" => value is string,
        _ => throw new ChatTemplateException($"No test named '{name}'."),
    };
}
