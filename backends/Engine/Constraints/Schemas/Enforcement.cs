namespace Gateway.Engine.Constraints.Schemas;

/// <summary>What becomes of a keyword that cannot be enforced: the schema is refused, or it binds by the rest and the keyword is named.</summary>
/// <param name="unenforced">Takes the names; null refuses.</param>
internal sealed class Enforcement(ICollection<string>? unenforced)
{
    /// <summary>True where the keyword may be left out.</summary>
    /// <exception cref="GrammarException">It may not.</exception>
    public bool Skip(SchemaPath path, string keyword, string why)
    {
        if (unenforced is null) throw path.Wrong(why);
        var name = path.At(keyword).Pointer;
        if (!unenforced.Contains(name)) unenforced.Add(name);
        return true;
    }
}
