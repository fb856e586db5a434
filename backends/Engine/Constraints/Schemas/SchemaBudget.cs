namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// Bounds the work that one schema may ask for, in steps and so the same on every machine: alternatives multiply, and schemas come from strangers.
/// </summary>
internal sealed class SchemaBudget(long most = SchemaBudget.Most)
{
    public const long Most = 2_000_000;

    /// <summary>Steps taken so far.</summary>
    public long Spent { get; private set; }

    /// <exception cref="GrammarException">The budget is spent.</exception>
    public void Spend(long steps, SchemaPath path)
    {
        Spent += steps;
        if (Spent > most) throw new BudgetException($"In context={path}, the schema is too large once its references are followed and its alternatives combined.");
    }
}

/// <summary>A schema asks for too much work, whatever is left out of it.</summary>
internal sealed class BudgetException(string message) : GrammarException(message);
