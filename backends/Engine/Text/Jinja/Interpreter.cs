using System.Text;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Bounds of one rendering: a template is text supplied by a model, and may be hostile.</summary>
internal sealed class Budget
{
    private const int MaxSteps = 10_000_000;
    private const int MaxOutput = 16 << 20; // characters
    private const int MaxDepth = 60;
    private long steps;
    private int depth;
    private long output;

    public void Step(long count = 1)
    {
        if ((steps += count) > MaxSteps) throw new ChatTemplateException("the chat template runs too long");
    }

    public void Write(int characters)
    {
        if ((output += characters) > MaxOutput) throw new ChatTemplateException("the chat template writes too much");
    }

    public void Enter()
    {
        if (++depth > MaxDepth) throw new ChatTemplateException("the chat template nests its calls too deep");
    }

    public void Leave() => depth--;
}

/// <summary>Names in force, innermost first.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, object?> names = [];

    public Scope? Outer => outer;

    public object? this[string name]
    {
        set => names[name] = value;
    }

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope.names.TryGetValue(name, out value)) return true;
        value = null;
        return false;
    }
}

/// <summary>Carries out a parsed template. One rendering, one thread.</summary>
internal sealed partial class Interpreter(Budget budget, Scope globals)
{
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public string Render(IReadOnlyList<Statement> template)
    {
        var output = new StringBuilder();
        // Nested loops and macros of a hostile template stay far within this; it is checked, not hoped for.
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        Run(template, new Scope(globals), output);
        return output.ToString();
    }

    private Flow Run(IReadOnlyList<Statement> body, Scope scope, StringBuilder output)
    {
        foreach (var statement in body)
        {
            budget.Step();
            var flow = Run(statement, scope, output);
            if (flow != Flow.Next) return flow;
        }

        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope, StringBuilder output)
    {
        switch (statement)
        {
            case TextOf text:
                Write(output, text.Text);
                return Flow.Next;
            case Output value:
                Write(output, Python.Str(Evaluate(value.Value, scope)));
                return Flow.Next;
            case If choice:
                foreach (var (test, body) in choice.Branches)
                    if (Python.IsTrue(Evaluate(test, scope))) return Run(body, scope, output);
                return Run(choice.Else, scope, output);
            case For loop:
                return Loop(loop, Evaluate(loop.Items, scope), scope, output, 0);
            case Set set:
                Bind(set.Target, set.Target is Variable ? EvaluateKeepingMarkup(set.Value, scope) : Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetBlock block:
                object? captured = Capture(block.Body, new Scope(scope));
                foreach (var filter in block.Filters) captured = Apply((Filter)filter, captured, scope);
                Bind(block.Target, captured, scope);
                return Flow.Next;
            case Macro macro:
                scope[macro.Name] = MacroFunction(macro, scope);
                return Flow.Next;
            case CallBlock block:
                Write(output, Python.Str(Invoke(block.Call, scope, MacroFunction(block.Caller, scope))));
                return Flow.Next;
            case FilterBlock block:
                Write(output, Python.Str(Chain(block.Filter, Capture(block.Body, new Scope(scope)), scope)));
                return Flow.Next;
            case With with:
                var inner = new Scope(scope);
                foreach (var (target, value) in with.Bindings) Bind(target, Evaluate(value, scope), inner);
                return Run(with.Body, inner, output);
            default:
                return ((Jump)statement).Continue ? Flow.Continue : Flow.Break;
        }
    }

    private void Write(StringBuilder output, string text)
    {
        budget.Write(text.Length);
        output.Append(text);
    }

    private string Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        var captured = new StringBuilder();
        Run(body, scope, captured);
        return captured.ToString();
    }

    private object? Chain(Expression filter, object? value, Scope scope)
    {
        var one = (Filter)filter;
        return Apply(one, one.Target is null ? value : Chain(one.Target, value, scope), scope);
    }

    private Flow Loop(For loop, object? over, Scope scope, StringBuilder output, int level)
    {
        budget.Enter();
        var items = Python.Iterate(over);
        if (loop.Condition is not null)
        {
            items = items.FindAll(item =>
            {
                var test = new Scope(scope);
                Bind(loop.Targets, item, test);
                return Python.IsTrue(Evaluate(loop.Condition, test));
            });
        }

        var position = new LoopPosition(items, level);
        if (loop.Recursive)
            position.Recurse = new Function("loop", a =>
            {
                var captured = new StringBuilder();
                Loop(loop, a.Need(0, "iterable"), scope, captured, level + 1);
                return captured.ToString();
            });
        for (; position.Index0 < items.Count; position.Index0++)
        {
            budget.Step();
            var inner = new Scope(scope);
            Bind(loop.Targets, items[position.Index0], inner);
            inner["loop"] = position;
            if (Run(loop.Body, inner, output) == Flow.Break) break;
        }

        budget.Leave();
        return items.Count == 0 ? Run(loop.Else, new Scope(scope), output) : Flow.Next;
    }

    private void Bind(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case Variable variable:
                scope[variable.Name] = value;
                break;
            case Attribute attribute:
                if (Evaluate(attribute.Target, scope) is not Namespace space) throw new ChatTemplateException("cannot assign attribute on non-namespace object");
                if (attribute.Name.StartsWith('_')) throw new ChatTemplateException($"the attribute '{attribute.Name}' is not safe");
                space[attribute.Name] = value;
                break;
            case ListOf several:
                var items = Python.Iterate(value);
                if (items.Count != several.Items.Count) throw new ChatTemplateException($"cannot unpack {items.Count} values into {several.Items.Count}");
                for (var i = 0; i < items.Count; i++) Bind(several.Items[i], items[i], scope);
                break;
        }
    }

    private Function MacroFunction(Macro macro, Scope defined) => new(macro.Name, arguments => CallMacro(macro, defined, arguments))
    {
        Members = new Dictionary<string, object?>
        {
            ["name"] = macro.Name,
            ["arguments"] = new Sequence([.. macro.Parameters.Select(p => p.Name)], SequenceKind.Tuple),
            ["caller"] = macro.Names.Contains("caller"),
            ["catch_kwargs"] = macro.Names.Contains("kwargs"),
            ["catch_varargs"] = macro.Names.Contains("varargs"),
        },
    };

    private string CallMacro(Macro macro, Scope defined, CallArguments arguments)
    {
        budget.Enter();
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var scope = new Scope(defined);
        var parameters = macro.Parameters;
        for (var i = 0; i < parameters.Count; i++)
        {
            var (name, byDefault) = parameters[i];
            scope[name] = arguments.Has(i, name) ? arguments.Get(i, name) : byDefault is null ? new Undefined(name) : Evaluate(byDefault, scope);
        }

        if (arguments.Positional.Count > parameters.Count && !macro.Names.Contains("varargs"))
            throw new ChatTemplateException($"macro '{macro.Name}' takes not more than {parameters.Count} argument(s)");
        var known = parameters.Select(p => p.Name).ToHashSet();
        scope["varargs"] = new Sequence([.. arguments.Positional.Skip(parameters.Count)], SequenceKind.Tuple);
        var rest = new Dict();
        foreach (var (name, value) in arguments.Named.Where(n => n.Key != "caller" && !known.Contains(n.Key)))
        {
            if (!macro.Names.Contains("kwargs")) throw new ChatTemplateException($"macro '{macro.Name}' takes no keyword argument '{name}'");
            rest[name] = value;
        }

        scope["kwargs"] = rest;
        if (arguments.Named.TryGetValue("caller", out var caller)) scope["caller"] = caller;
        var text = Capture(macro.Body, scope);
        budget.Leave();
        return text;
    }
}

/// <summary>The <c>loop</c> variable.</summary>
internal sealed class LoopPosition(List<object?> items, int level)
{
    private object? last = new Undefined("changed");

    public int Index0 { get; set; }

    public Function? Recurse { get; set; }

    public object? Get(string name) => name switch
    {
        "index" => Index0 + 1L,
        "index0" => (long)Index0,
        "revindex" => (long)items.Count - Index0,
        "revindex0" => (long)items.Count - Index0 - 1,
        "first" => Index0 == 0,
        "last" => Index0 == items.Count - 1,
        "length" => (long)items.Count,
        "depth" => level + 1L,
        "depth0" => (long)level,
        "previtem" => Index0 > 0 ? items[Index0 - 1] : new Undefined("previtem"),
        "nextitem" => Index0 + 1 < items.Count ? items[Index0 + 1] : new Undefined("nextitem"),
        "cycle" => new Function("cycle", a => a.Positional.Count > 0 ? a.Positional[Index0 % a.Positional.Count] : throw new ChatTemplateException("no items for cycling given")),
        "changed" => new Function("changed", a =>
        {
            var now = new Sequence([.. a.Positional], SequenceKind.Tuple);
            var changed = !Python.AreEqual(last, now);
            last = now;
            return changed;
        }),
        _ => new Undefined(name),
    };
}
