namespace Gateway.Engine.Constraints.Grammars;

/// <summary>Alternatives that begin alike are read once up to where they differ, so that fewer ways have to be followed at a time.</summary>
internal static class Factoring
{
    public static IReadOnlyList<Expression> Of(IReadOnlyList<Expression> options)
    {
        var groups = options.GroupBy(static option => First(option) ?? option).ToList(); // other expressions equal only themselves
        return groups.Count == options.Count ? options : [.. groups.Select(static group => Factored([.. group]))];
    }

    private static Expression Factored(Expression[] options)
    {
        if (options.Length == 1) return options[0];
        var parts = Array.ConvertAll(options, static option => option is Expression.Sequence sequence ? sequence.Parts : [option]);
        var alike = 1;
        while (parts.All(each => each.Count > alike && IsPlain(each[alike]) && each[alike] == parts[0][alike])) alike++;
        return new Expression.Sequence([.. parts[0].Take(alike), new Expression.Choice([.. parts.Select(each => new Expression.Sequence([.. each.Skip(alike)]))])]);
    }

    private static Expression? First(Expression option)
    {
        if (option is Expression.Sequence sequence) return sequence.Parts is [var first, ..] && IsPlain(first) ? first : null;
        return IsPlain(option) ? option : null;
    }

    private static bool IsPlain(Expression expression) =>
        expression is Expression.Name or Expression.Text or Expression.Token { Part: Expression.Name or Expression.Text };
}
