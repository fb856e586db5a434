namespace Gateway.Models;

/// <summary>A name in which <c>*</c> stands for one or more characters.</summary>
internal readonly record struct NamePattern(string Text)
{
    /// <summary>In time that grows with the product of both lengths at worst.</summary>
    public bool Matches(ReadOnlySpan<char> name)
    {
        int at = 0, pattern = 0, star = -1, resume = 0;
        while (at < name.Length)
        {
            if (pattern < Text.Length && Text[pattern] == '*')
            {
                (star, resume) = (pattern++, ++at); // one character at least
            }
            else if (pattern < Text.Length && Text[pattern] == name[at])
            {
                pattern++;
                at++;
            }
            else if (star >= 0)
            {
                (pattern, at) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return pattern == Text.Length;
    }
}
