namespace Gateway.Worker.Generation;

/// <summary>Tells an answer's text from markup at its end. One owner.</summary>
internal interface ITextGate
{
    /// <summary>Takes more; returns what is certainly text, and what is certainly markup, which nothing but markup follows.</summary>
    (string Text, string Markup) Append(string text, bool last);
}
