namespace Gateway.Engine.Models;

/// <summary>What one layer has of its own.</summary>
/// <param name="Rotary">How queries and keys are turned; null for not at all.</param>
/// <param name="Window">A position sees itself and so many less one before it; null for all.</param>
/// <param name="Experts">Whether its feed-forward part is a mixture of experts.</param>
public sealed record LayerSpec(RotarySpec? Rotary = null, int? Window = null, bool Experts = false);
