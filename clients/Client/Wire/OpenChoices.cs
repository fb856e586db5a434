namespace Gateway.Client.Wire;

/// <summary>Which choices of a stream have begun and not finished: a stream may lack <c>[DONE]</c>, but no choice may lack its reason.</summary>
internal sealed class OpenChoices
{
    private readonly HashSet<int> _open = [];
    private bool _any;

    public bool AllFinished => _any && _open.Count == 0;

    public void Note(int index, string? finishReason)
    {
        _any = true;
        if (finishReason is null) _open.Add(index);
        else _open.Remove(index);
    }
}
