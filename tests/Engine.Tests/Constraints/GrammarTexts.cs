namespace Gateway.Engine.Tests.Constraints;

/// <summary>Grammars with words and texts that are none.</summary>
internal static class GrammarTexts
{
    public static Dictionary<string, (string Text, string[] Words, string[] Others)> Tables { get; } = new()
    {
        ["gbnf: arithmetic"] = ("""
            # left-recursive on purpose
            root ::= expr "=" num
            expr ::= expr [-+] term | term
            term ::= term ("*" | "/") factor | factor
            factor ::= num | "(" expr ")" | "-" factor
            num ::= [0-9]+ ("." [0-9]{1,3})?
            """,
            ["1=1", "1+2*3=7", "((1))-2=0", "--1/2.125=3", "1+2+3+4-5*6/7=8"],
            ["1", "1+=2", "(1=1", "1.1234=1", "=1", "1=1 "]),
        ["gbnf: json"] = ("""
            root   ::= object
            value  ::= object | array | string | number | ("true" | "false" | "null") ws
            object ::=
              "{" ws (
                 string ":" ws value
                 ("," ws string ":" ws value)*
              )? "}" ws
            array  ::= "[" ws ( value ("," ws value)* )? "]" ws
            string ::= "\"" (
                [^"\\\x7F\x00-\x1F] |
                "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4})
              )* "\"" ws
            number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
            # Optional space: by convention, applied in this grammar after literal chars when allowed
            ws ::= | " " | "\n" [ \t]{0,20}
            """,
            ["{}", "{\"a\":1}", "{ \"a\": [1, -2.5e+1, true, null, {\"ü\\u00e9\\n\": \"\"}]}", "{\"😀\": [\n\t\t]}"],
            ["", "[]", "{\"a\":01}", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":\"\u0001\"}", "{\"a\":\"\\x\"}"]),
        ["gbnf: chess"] = ("""
            root ::= "1. " move " " move "\n" ([1-9] [0-9]? ". " move " " move "\n")+
            move ::= (pawn | nonpawn | castle) [+#]?
            nonpawn ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
            pawn ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
            castle ::= "O-O" "-O"?
            """,
            ["1. e4 e5\n2. Nf3 Nc6\n", "1. e4 e5\n10. O-O-O+ exd8=Q#\n"],
            ["1. e4 e5\n", "1. e4\n2. d4 d5\n", "1. e9 e5\n2. d4 d5\n"]),
        ["gbnf: characters"] = ("""
            root ::= "\x41\u00e9\U0001F600" [^a-c\]\n] [\]\[\\"-] [а-яё] . "\t\r\\\"" dash-name under_score?
            dash-name ::= "d"  under_score
              ::= "u"
            """,
            ["Aé😀d]ж\n\t\r\\\"d", "Aé😀😀-ё漢\t\r\\\"du"],
            ["Aé😀a]ж.\t\r\\\"d", "Aé😀d]x.\t\r\\\"d", "Aé😀d]ж\t\r\\\"d"]),
        ["gbnf: repetitions"] = ("""
            root ::= "a"{2} "b"{1,} "c"{0,2} ("d" | "e"?){,3} f+? "g"{1000000}?
            f ::= "f"{0,3}
            """,
            ["aab", "aabbbcc", "aabdeded"[..6], "aabccdef", "aabffffffff"],
            ["ab", "aa", "aabccc", "aabdddd", "aabg"]),
        ["gbnf: one line after another"] = ("root ::= a b |\n  c\na ::= \"a\" # comment | \"x\"\nb ::=\n\"b\"\n  | \"B\" c ::= \"c\"", ["ab", "aB", "c"], ["x", "abc", ""]),
        ["gbnf: hidden left recursion"] = ("root ::= maybe root \"b\" | maybe \"a\"\nmaybe ::= \"\" | maybe \"m\" | root?", ["a", "ab", "ma", "mmabb", "aab", "mabmb"[..3]], ["", "b", "m"]),
        ["lark: arithmetic"] = ("""
            ?start: sum
            ?sum: product
                | sum "+" product   -> add
                | sum "-" product   -> sub
            ?product: atom
                | product "*" atom  -> mul
                | product "/" atom  -> div
            ?atom: NUMBER           -> number
                 | "-" atom         -> neg
                 | "(" sum ")"
            %import common.NUMBER
            %import common.WS_INLINE
            %ignore WS_INLINE
            """,
            ["1", "1+2", "1 + 2 * ( 3.5 - -4e3 )", "((1))"],
            ["", "1+", "(1", "1\n+2", "1 2"]),
        ["lark: sql"] = ("""
            // a corner of SQL
            start: select ";"?
            select: "SELECT"i columns "FROM"i NAME [where] [order] ["LIMIT"i INT]
            columns: "*" | NAME ("," NAME)*
            where: "WHERE"i condition
            ?condition: condition "OR"i both | both
            ?both: both "AND"i test | test
            test: NAME OPERATOR value | "NOT"i test | "(" condition ")"
            value: INT | STRING | "NULL"i
            order: "ORDER"i "BY"i NAME ("ASC"i | "DESC"i)?
            OPERATOR: "=" | "<>" | "<" "="? | ">" "="?
            NAME: /[a-z_]\w*/i
            STRING.2: "'" /[^']/* "'"
            %import common (INT, WS)
            %ignore WS
            %ignore /--[^\n]*\n/
            """,
            ["SELECT * FROM t", "select a, b from t where a = 1 and (b <> 'x y' or not c >= 3) order by a desc limit 10;", "select a -- the name\nfrom t"],
            ["SELECT FROM t", "select * from t where", "select * from t limit x", "select * from t where a = 'x", "select * frm t"]),
        ["lark: identifiers and calls"] = ("""
            start: call+
            call: CNAME "(" [args] ")" ";"
            args: arg ("," arg)*
            !arg: CNAME | SIGNED_NUMBER | ESCAPED_STRING | call_expr
            call_expr: CNAME "(" args? ")"
            %import common.CNAME
            %import common.SIGNED_NUMBER
            %import common.ESCAPED_STRING
            """,
            ["f();", "f(a,-1.5,\"x\\\"y\");g();", "f(g(h(1)));"],
            ["f()", "1();", "f(,);", "f(\"x\\\");"]),
        ["lark: repetitions and ranges"] = ("""
            start: "a"~2 ("b" "c")~1..2 DIGIT~3 HEX{2,3} [ "x" | ]
            DIGIT: "0".."9"
            HEX: DIGIT | "a".."f" | "\u0041".."\x46"
            """,
            ["aabc123ff", "aabcbc000A0bx"],
            ["abc123ff", "aabc12ff", "aabcbcbc123ff", "aabc123f", "aabc123fffff"]),
        ["lark: regular expressions"] = ("""
            start: /ab+/i "-" /a.b/s "-" / a \/ [ ]? # comment/x "-" /(?i:x)y(?P<n>z)/ "-" /\d{2}\s\w/ "-" /[]{}]{/
            """,
            ["aBb-a\nb-a/ -Xyz-12 w-}{", "ab-axb-a/-xyz-00\tZ-]{"],
            ["ab-ab-a/-xyz-12 w-]{", "ab-axb-a/-xYz-12 w-]{", "ab-axb-a/-xyz-१२ w-]{"]),
        ["lark: folding"] = ("start: \"straße\"i \"Σ\"i /[^k]/i", ["STRAßE\u03c2x", "Straßeσ0"], ["straße\u03c3K", "straße\u03c3\u212a", "strasseσ0"]),
        ["lark: ignored between tokens"] = ("""
            start: "a" B "c"
            B: "b" "b"
            %ignore " "
            %ignore /#[^\n]*\n/
            """,
            ["abbc", "a bb c", "a # x\n  bbc"],
            ["ab bc", "abbc x", "a#bbc"]),
        ["lark: common terminals"] = ("""
            start: INT "," SIGNED_INT "," FLOAT "," SIGNED_FLOAT "," WORD "," LETTER "," HEXDIGIT NEWLINE C "," SH_COMMENT
            %import common (INT, SIGNED_INT, FLOAT, SIGNED_FLOAT, WORD, LETTER, HEXDIGIT, NEWLINE, SH_COMMENT)
            %import common.C_COMMENT -> C
            """,
            ["1,-2,1e5,+.5,abc,x,F\r\n\n/* a * b **/,# x", "1,2,1.,-1.5E-3,a,b,0\n/**/,#"],
            ["1,-2,1,+.5,abc,x,F\n/**/,#", "1,2,1.,1.5,a,b,0\n/* */ */,#"]),
    };
}
