using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Cuts a template into words, with <c>trim_blocks</c> and <c>lstrip_blocks</c> on, as transformers sets them.</summary>
internal sealed partial class Lexer(string source)
{
    private static readonly string[] Operators = ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ".", ":", "|", ";"];
    private readonly List<Token> tokens = [];
    private string text = Prepare(source);
    private int at;
    private int line = 1;

    public List<Token> Read()
    {
        var stripLeft = false; // the tag before ended in a minus
        var trimNewline = false; // the tag before was a block or a comment
        while (true)
        {
            var open = NextTag();
            var end = open < 0 ? text.Length : open;
            var plain = text[at..end];
            var start = at;
            if (stripLeft) plain = plain.TrimStart();
            else if (trimNewline && plain.StartsWith('\n')) plain = plain[1..];
            if (open >= 0) plain = StripBefore(plain, open, end - plain.Length); // what was just trimmed belongs to the tag before
            if (plain.Length > 0) tokens.Add(new Token(TokenKind.Text, plain, line));
            Count(start, end);
            if (open < 0) break;
            at = open;
            (stripLeft, trimNewline) = text[open + 1] switch
            {
                '#' => Comment(),
                '%' when RawStart().Match(text, at) is { Success: true } raw && raw.Index == at => Raw(raw),
                _ => Tag(),
            };
        }

        tokens.Add(new Token(TokenKind.End, "", line));
        return tokens;
    }

    /// <summary>Line ends become LF, and one at the very end is dropped.</summary>
    private static string Prepare(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return source.EndsWith('\n') ? source[..^1] : source;
    }

    private int NextTag()
    {
        for (var i = text.IndexOf('{', at); i >= 0 && i + 1 < text.Length; i = text.IndexOf('{', i + 1))
            if (text[i + 1] is '{' or '%' or '#') return i;
        return -1;
    }

    private string StripBefore(string plain, int open, int start)
    {
        var mark = open + 2 < text.Length ? text[open + 2] : ' ';
        if (mark == '-') return plain.TrimEnd();
        if (mark == '+' || text[open + 1] == '{') return plain;
        // lstrip_blocks: only blanks between the line's beginning and the tag.
        var lineStart = plain.LastIndexOf('\n') + 1;
        var atLineStart = lineStart > 0 || start == 0 || text[start - 1] == '\n';
        return atLineStart && string.IsNullOrWhiteSpace(plain[lineStart..]) ? plain[..lineStart] : plain;
    }

    private (bool StripLeft, bool TrimNewline) Comment()
    {
        var close = text.IndexOf("#}", at + 2, StringComparison.Ordinal);
        if (close < 0) throw new JinjaSyntaxException("a comment is never closed", line);
        Count(at, close + 2);
        var minus = text[close - 1] == '-';
        var plus = text[close - 1] == '+';
        at = close + 2;
        return (minus, !plus);
    }

    private (bool StripLeft, bool TrimNewline) Raw(Match open)
    {
        var close = RawEnd().Match(text, open.Index + open.Length);
        if (!close.Success) throw new JinjaSyntaxException("a raw block is never closed", line);
        var plain = text[(open.Index + open.Length)..close.Index];
        if (open.Groups[1].Value == "-") plain = plain.TrimStart();
        else if (plain.StartsWith('\n')) plain = plain[1..];
        if (close.Groups[1].Value == "-") plain = plain.TrimEnd();
        tokens.Add(new Token(TokenKind.Text, plain, line));
        Count(at, close.Index + close.Length);
        at = close.Index + close.Length;
        return (close.Groups[2].Value == "-", true);
    }

    private (bool StripLeft, bool TrimNewline) Tag()
    {
        var output = text[at + 1] == '{';
        tokens.Add(new Token(output ? TokenKind.BeginOutput : TokenKind.BeginStatement, "", line));
        at += 2;
        if (at < text.Length && text[at] is '-' or '+') at++;
        var brackets = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                if (text[at++] == '\n') line++;
            if (at >= text.Length) throw new JinjaSyntaxException("a tag is never closed", line);
            if (brackets == 0 && Close(output) is { } closed) return closed;
            var before = tokens.Count;
            Word();
            if (tokens[before] is { Kind: TokenKind.Operator, Value: "(" or "[" or "{" }) brackets++;
            if (tokens[before] is { Kind: TokenKind.Operator, Value: ")" or "]" or "}" }) brackets--;
        }
    }

    private (bool StripLeft, bool TrimNewline)? Close(bool output)
    {
        var close = output ? "}}" : "%}";
        var mark = text[at] is '-' or '+' && string.CompareOrdinal(text, at + 1, close, 0, 2) == 0 ? text[at] : ' ';
        if (mark == ' ' && string.CompareOrdinal(text, at, close, 0, 2) != 0) return null;
        at += mark == ' ' ? 2 : 3;
        tokens.Add(new Token(output ? TokenKind.EndOutput : TokenKind.EndStatement, "", line));
        return (mark == '-', !output && mark != '+');
    }

    private void Word()
    {
        var c = text[at];
        if (c is '\'' or '"')
        {
            String(c);
        }
        else if (char.IsAsciiDigit(c))
        {
            var number = Number().Match(text, at);
            var isFloat = number.Value is not ['0', 'x' or 'X', ..] && number.Value.AsSpan().ContainsAny('.', 'e', 'E');
            if (number.Length > 400) throw new JinjaSyntaxException("a number of more than 400 digits", line);
            tokens.Add(new Token(isFloat ? TokenKind.Float : TokenKind.Integer, number.Value.Replace("_", "", StringComparison.Ordinal), line));
            at += number.Length;
        }
        else if (c == '_' || char.IsLetter(c))
        {
            var start = at;
            while (at < text.Length && (text[at] == '_' || char.IsLetterOrDigit(text[at]))) at++;
            tokens.Add(new Token(TokenKind.Name, text[start..at], line));
        }
        else
        {
            var found = Array.Find(Operators, op => string.CompareOrdinal(text, at, op, 0, op.Length) == 0)
                ?? throw new JinjaSyntaxException($"unexpected character '{c}'", line);
            tokens.Add(new Token(TokenKind.Operator, found, line));
            at += found.Length;
        }
    }

    private void String(char quote)
    {
        var value = new StringBuilder();
        var start = line;
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\n') line++;
            if (text[at] == '\\' && at + 1 < text.Length) Escape(value);
            else value.Append(text[at]);
        }

        if (at++ >= text.Length) throw new JinjaSyntaxException("a string is never closed", start);
        tokens.Add(new Token(TokenKind.String, value.ToString(), start));
    }

    /// <summary>Python's escapes.</summary>
    private void Escape(StringBuilder value)
    {
        var c = text[++at];
        var digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (at + digits >= text.Length || !uint.TryParse(text.AsSpan(at + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code) || code > 0x10FFFF || code is >= 0xD800 and <= 0xDFFF)
                throw new JinjaSyntaxException($"the escape \\{c} is not complete", line);
            value.Append(char.ConvertFromUtf32((int)code));
            at += digits;
            return;
        }

        var plain = c switch { 'n' => "\n", 't' => "\t", 'r' => "\r", 'a' => "\a", 'b' => "\b", 'f' => "\f", 'v' => "\v", '0' => "\0", '\\' => "\\", '\'' => "'", '"' => "\"", '\n' => "", _ => "\\" + c };
        value.Append(plain);
    }

    private void Count(int from, int to)
    {
        line += text.AsSpan(from, to - from).Count('\n');
        at = to;
    }

    [GeneratedRegex(@"\G(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*(-?)%\}")]
    private static partial Regex RawStart();

    [GeneratedRegex(@"\{%(-?)\+?\s*endraw\s*([-+]?)%\}")]
    private static partial Regex RawEnd();
}

/// <summary>The template is not Jinja.</summary>
internal sealed class JinjaSyntaxException(string message, int line) : Exception($"line {line}: {message}");
