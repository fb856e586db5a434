namespace Gateway.Engine.Constraints.Grammars;

/// <summary>Counts of repetitions as both notations write them.</summary>
internal static class Repetitions
{
    /// <summary><c>{m}</c>, <c>{m,}</c>, <c>{,n}</c> or <c>{m,n}</c>, its brace taken already.</summary>
    public static Expression Braced(TextCursor cursor, Expression part)
    {
        var start = cursor.At;
        Space();
        var least = cursor.Now == ',' ? 0 : cursor.Count();
        Space();
        var most = least;
        if (cursor.TryTake(","))
        {
            Space();
            most = cursor.Now == '}' ? int.MaxValue : cursor.Count();
            Space();
        }

        if (!cursor.TryTake("}")) throw cursor.Expected("'}'");
        return Between(cursor, part, least, most, start);

        void Space() => cursor.While(static c => c is ' ' or '\t');
    }

    public static Expression Between(TextCursor cursor, Expression part, int least, int most, int at) =>
        most >= least ? new Expression.Repeat(part, least, most) : throw cursor.Wrong("a repetition whose bounds are out of order.", at);
}
