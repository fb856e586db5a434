namespace Gateway.Engine.Encoders;

/// <summary>One step from a pooled vector to the result.</summary>
public abstract class ReadoutStep
{
    /// <summary>Width of the result for an input of <paramref name="width"/>.</summary>
    public virtual int WidthAfter(int width) => width;

    /// <summary>The result; the input may be changed.</summary>
    public abstract float[] Apply(float[] vector);
}
