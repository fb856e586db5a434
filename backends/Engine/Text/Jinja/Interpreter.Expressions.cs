namespace Gateway.Engine.Text.Jinja;

/// <summary>Expressions to values.</summary>
internal sealed partial class Interpreter
{
    private object? Evaluate(Expression expression, Scope scope) => EvaluateKeepingMarkup(expression, scope) is var value && value is Markup markup ? markup.Text : value;

    private object? EvaluateKeepingMarkup(Expression expression, Scope scope)
    {
        budget.Step();
        // A chain such as 1+1+1… is one node deep for each link, which the parser's bound on nesting does not see.
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (expression)
        {
            case Literal literal:
                return literal.Value;
            case Variable variable:
                return scope.TryGet(variable.Name, out var known) ? known : new Undefined(variable.Name);
            case ListOf list:
                return new Sequence([.. list.Items.Select(item => Evaluate(item, scope))], list.Tuple ? SequenceKind.Tuple : SequenceKind.List);
            case DictOf dict:
                var made = new Dict();
                foreach (var (key, value) in dict.Items) made[Evaluate(key, scope)] = Evaluate(value, scope);
                return made;
            case Unary unary:
                return Negate(unary, Evaluate(unary.Operand, scope));
            case Binary { Operator: "and" } and:
                var left = EvaluateKeepingMarkup(and.Left, scope);
                return Python.IsTrue(Plain(left)) ? EvaluateKeepingMarkup(and.Right, scope) : left;
            case Binary { Operator: "or" } or:
                var first = EvaluateKeepingMarkup(or.Left, scope);
                return Python.IsTrue(Plain(first)) ? first : EvaluateKeepingMarkup(or.Right, scope);
            case Binary { Operator: "~" } join:
                var (start, end) = (Python.Str(Evaluate(join.Left, scope)), Python.Str(Evaluate(join.Right, scope)));
                Bounds.Text((long)start.Length + end.Length);
                return Bounded(start + end);
            case Binary { Operator: "+" } sum:
                var (augend, addend) = (EvaluateKeepingMarkup(sum.Left, scope), EvaluateKeepingMarkup(sum.Right, scope));
                return (augend is Markup || addend is Markup) && Markup.Sum(augend, addend) is { } marked ? Bounded(marked) : Bounded(Python.Calculate("+", Plain(augend), Plain(addend)));
            case Binary binary:
                return Bounded(Python.Calculate(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope)));
            case Comparison comparison:
                return Compare(comparison, scope);
            case Conditional conditional:
                return Python.IsTrue(Evaluate(conditional.Test, scope)) ? EvaluateKeepingMarkup(conditional.Then, scope)
                    : conditional.Else is null ? new Undefined("the value of an inline if without else") : EvaluateKeepingMarkup(conditional.Else, scope);
            case Attribute attribute:
                return Members.Attribute(Paid(Evaluate(attribute.Target, scope)), attribute.Name);
            case Subscript { Index: Slicing slicing } slice:
                return Slicer.Slice(Paid(Evaluate(slice.Target, scope)), Part(slicing.Start, scope), Part(slicing.Stop, scope), Part(slicing.Step, scope));
            case Subscript subscript:
                return Members.Item(Paid(Evaluate(subscript.Target, scope)), Evaluate(subscript.Index, scope));
            case Call call:
                return Invoke(call, scope, null);
            case Filter { Name: "safe" or "e" or "escape", Target: { } marking } marker:
                var unmarked = EvaluateKeepingMarkup(marking, scope);
                return unmarked as Markup ?? (object)new Markup((string)Apply(marker, unmarked, scope)!);
            case Filter filter:
                return Apply(filter, filter.Target is null ? throw new ChatTemplateException("a filter has nothing to filter") : Evaluate(filter.Target, scope), scope);
            case Test test:
                var holds = Tests.Run(test.Name, Evaluate(test.Target, scope), Collect(test.Name, test.Arguments, scope, null));
                return holds != test.Negated;
            default:
                throw new ChatTemplateException("a slice stands where a value belongs");
        }
    }

    private object? Bounded(object? value)
    {
        // Concatenation in a loop grows quadratically: each result is paid for.
        budget.Step(value switch { string text => text.Length / 16, Markup markup => markup.Text.Length / 16, Sequence list => list.Items.Count / 8, _ => 0 });
        return value;
    }

    private static object? Plain(object? value) => value is Markup markup ? markup.Text : value;

    /// <summary>Reading a text costs what its length makes it cost.</summary>
    private object? Paid(object? value)
    {
        if (value is string text) budget.Step(text.Length / 16);
        return value;
    }

    private long? Part(Expression? part, Scope scope) => part is null || Evaluate(part, scope) is not { } value ? null : Python.ToLong(value);

    private static object? Negate(Unary unary, object? value)
    {
        if (unary.Operator == "not") return !Python.IsTrue(value);
        if (value is Undefined undefined) throw undefined.Used();
        return unary.Operator == "-" ? value is double real ? -real : Python.Calculate("-", 0L, value) : Python.Calculate("+", 0L, value);
    }

    private bool Compare(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (op, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            budget.Step((op is "in" or "not in" ? Bounds.WeightOf(right) : Math.Min(Bounds.WeightOf(left), Bounds.WeightOf(right))) / 8);
            var holds = op switch
            {
                "==" => Python.AreEqual(left, right),
                "!=" => !Python.AreEqual(left, right),
                "in" => Members.Contains(right, left),
                "not in" => !Members.Contains(right, left),
                "<" => Python.Compare(left, right) < 0,
                "<=" => Python.Compare(left, right) <= 0,
                ">" => Python.Compare(left, right) > 0,
                _ => Python.Compare(left, right) >= 0,
            };
            if (!holds) return false;
            left = right;
        }

        return true;
    }

    private object? Invoke(Call call, Scope scope, Function? caller)
    {
        var target = Evaluate(call.Target, scope);
        var function = target as Function ?? (target as LoopPosition)?.Recurse;
        if (function is null) throw target is Undefined undefined ? undefined.Used() : new ChatTemplateException($"'{Python.TypeName(target)}' object is not callable");
        return Bounded(function.Invoke(Collect(function.Name, call.Arguments, scope, caller)));
    }

    private CallArguments Collect(string function, Arguments arguments, Scope scope, Function? caller)
    {
        var named = new Dictionary<string, object?>();
        var positional = arguments.Positional.Select(argument => Evaluate(argument, scope)).ToList();
        foreach (var (name, value) in arguments.Named)
        {
            var given = Evaluate(value, scope);
            if (name == "*") positional.AddRange(Python.Iterate(given));
            else if (name != "**") named[name] = given;
            else foreach (var (key, item) in (given as Dict ?? throw new ChatTemplateException("argument after ** must be a mapping")).Entries) named[Python.Str(key)] = item;
        }

        foreach (var argument in positional) budget.Step(Bounds.WeightOf(argument) / 8);
        if (caller is not null) named["caller"] = caller;
        return new CallArguments(function, positional, named);
    }

    private object? Apply(Filter filter, object? value, Scope scope)
    {
        object? result;
        budget.Step(Bounds.WeightOf(value) / 8);
        try
        {
            var arguments = Collect(filter.Name, filter.Arguments, scope, null);
            // These hand their arguments on for each item.
            if (filter.Name is "map" or "select" or "reject" or "selectattr" or "rejectattr" && value is Sequence items)
                budget.Step(items.Items.Count * (long)arguments.Positional.Concat(arguments.Named.Values).Sum(Bounds.WeightOf) / 8);
            result = Filters.Run(filter.Name, value, arguments);
        }
        catch (InvalidOperationException e) when (e.InnerException is ChatTemplateException inner)
        {
            throw inner; // .NET's sort wraps what a comparison threw
        }

        return Bounded(result);
    }
}
