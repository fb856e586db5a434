namespace Gateway.Engine.Text.Jinja;

/// <summary>Something that is evaluated.</summary>
internal abstract record Expression;

internal sealed record Literal(object? Value) : Expression;

internal sealed record Variable(string Name) : Expression;

internal sealed record ListOf(IReadOnlyList<Expression> Items, bool Tuple) : Expression;

internal sealed record DictOf(IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression;

internal sealed record Unary(string Operator, Expression Operand) : Expression;

internal sealed record Binary(string Operator, Expression Left, Expression Right) : Expression;

/// <summary><c>a &lt; b &lt; c</c>: each operand is evaluated once.</summary>
internal sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression;

internal sealed record Conditional(Expression Test, Expression Then, Expression? Else) : Expression;

internal sealed record Attribute(Expression Target, string Name) : Expression;

internal sealed record Subscript(Expression Target, Expression Index) : Expression;

internal sealed record Slicing(Expression? Start, Expression? Stop, Expression? Step) : Expression;

internal sealed record Call(Expression Target, Arguments Arguments) : Expression;

internal sealed record Filter(Expression? Target, string Name, Arguments Arguments) : Expression;

internal sealed record Test(Expression Target, string Name, Arguments Arguments, bool Negated) : Expression;

internal sealed record Arguments(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static Arguments None { get; } = new([], []);
}

/// <summary>Something that is carried out.</summary>
internal abstract record Statement(int Line);

internal sealed record TextOf(string Text, int Line) : Statement(Line);

internal sealed record Output(Expression Value, int Line) : Statement(Line);

internal sealed record If(IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

internal sealed record For(Expression Targets, Expression Items, Expression? Condition, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else, bool Recursive, int Line) : Statement(Line);

internal sealed record Set(Expression Target, Expression Value, int Line) : Statement(Line);

internal sealed record SetBlock(Expression Target, IReadOnlyList<Expression> Filters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><see cref="Names"/> are the names in its body: <c>varargs</c>, <c>kwargs</c> and <c>caller</c> exist only where they are named.</summary>
internal sealed record Macro(string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, IReadOnlySet<string> Names, int Line) : Statement(Line);

internal sealed record CallBlock(Macro Caller, Call Call, int Line) : Statement(Line);

internal sealed record FilterBlock(Expression Filter, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record With(IReadOnlyList<(Expression Target, Expression Value)> Bindings, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>break</c> and <c>continue</c>.</summary>
internal sealed record Jump(bool Continue, int Line) : Statement(Line);
