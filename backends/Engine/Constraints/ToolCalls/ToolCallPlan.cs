namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>An answer with tools: the grammar that binds it and the splitters that read it are made from the same plan. Immutable.</summary>
public sealed class ToolCallPlan
{
    private static readonly TokenTrie NoTokens = TokenTrie.Of([]);

    /// <exception cref="GrammarException">The grammar is too large.</exception>
    public ToolCallPlan(ToolCallForm form, IReadOnlyList<CallableTool> tools, ToolCallOptions options)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(options);
        (Form, Tools, Options) = (form, tools, options);
        Heads = tools.Count == 0 ? [] : [.. form.BareHeads(tools.Select(static tool => tool.Name)).Where(head => !MayBeContent(head))];
        Refused = [.. form.FullHeads(options.Withheld), .. options.Thoughts is { } thoughts ? [thoughts.Open] : Array.Empty<string>()];
        Lists = tools.ToDictionary(static tool => tool.Name, tool => form.Style == ArgumentStyle.Json ? null : ArgumentList.Of(tool, form.Style));
        Grammar = Grammar.Build(builder => new ToolCallWriter(builder, this).Rule());
    }

    /// <summary>How calls are written.</summary>
    public ToolCallForm Form { get; }

    /// <summary>What may be called.</summary>
    public IReadOnlyList<CallableTool> Tools { get; }

    /// <summary>What else the answer may be.</summary>
    public ToolCallOptions Options { get; }

    /// <summary>Binds the answer.</summary>
    public Grammar Grammar { get; }

    /// <summary>What opens calls at the start without a tag.</summary>
    internal IReadOnlyList<string> Heads { get; }

    /// <summary>What text does not begin with: a call that may not be made, and thoughts, in which nothing is a call.</summary>
    internal IReadOnlyList<string> Refused { get; }

    /// <summary>Whether calls open only at the start, since all else is bound.</summary>
    internal bool AtStart => Options.Forced || Options.Content is not null;

    /// <summary>The arguments of each tool one by one, where they are written so.</summary>
    internal IReadOnlyDictionary<string, ArgumentList?> Lists { get; }

    /// <summary>Reads one answer, without its thoughts.</summary>
    public ToolCallSplitter Splitter() => new(this);

    /// <summary>Finds where the calls of one answer begin, without its thoughts.</summary>
    public CallOpening Opening() => new(Form.Tag, Heads, AtStart);

    // Text that may be either would be read as a call.
    private bool MayBeContent(string head) =>
        Options is { Forced: false, Content: { } content } && content.Matcher(NoTokens).TryAdvance(System.Text.Encoding.UTF8.GetBytes(head));
}
