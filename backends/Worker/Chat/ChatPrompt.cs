namespace Gateway.Worker.Chat;

/// <summary>Messages rendered by the model's template.</summary>
/// <param name="Text">As the template wrote it.</param>
/// <param name="Ids">Its tokens.</param>
internal sealed record ChatPrompt(string Text, int[] Ids);
