namespace Gateway.Engine.Text;

/// <summary>Cutting and filling up that a <c>tokenizer.json</c> stores (<c>truncation</c>, <c>padding</c>).</summary>
/// <param name="MaxLength">Most ids, special ones included; null where nothing is cut.</param>
/// <param name="CutLeft">Whether the beginning of a text is what is cut.</param>
/// <param name="PadTo">Ids that a shorter text is filled up to, already a multiple of what the file asks for; 0 where nothing is.</param>
/// <param name="PadLeft">Whether the filling stands before the text.</param>
/// <param name="PadId">The id that fills.</param>
public sealed record TokenLimits(int? MaxLength, bool CutLeft, int PadTo, bool PadLeft, int PadId)
{
    /// <summary>Cuts the ids of a text, puts its frame around them and fills up.</summary>
    public int[] Apply(ReadOnlySpan<int> ids, TokenFrame frame)
    {
        var room = Math.Max(0, (MaxLength ?? int.MaxValue) - frame.Length);
        if (ids.Length > room) ids = CutLeft ? ids[^room..] : ids[..room];
        int[] framed = [.. frame.Before, .. ids, .. frame.After];
        var padding = Enumerable.Repeat(PadId, Math.Max(0, PadTo - framed.Length));
        return PadLeft ? [.. padding, .. framed] : [.. framed, .. padding];
    }
}
