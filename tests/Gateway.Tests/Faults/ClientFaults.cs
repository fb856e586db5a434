using static Gateway.Tests.Faults.Wire;

namespace Gateway.Tests.Faults;

/// <summary>What clients send.</summary>
internal static class ClientFaults
{
    private const string Good = """{"model":"m","messages":[]}""";
    private const string Invalid = "400 invalid_request_error";

    public static IEnumerable<ClientFault> All =>
    [
        new("sends a body that is no JSON", Post("hello"), Invalid),
        new("sends half of an object", Post("""{"model":"m","""), Invalid),
        new("sends an object and something after it", Post(Good + "}"), Invalid),
        new("sends `[]`", Post("[]"), Invalid),
        new("sends `null`", Post("null"), Invalid),
        new("sends a number", Post("1"), Invalid),
        new("sends nothing", Post(""), Invalid),
        new("sends 100,000 brackets", Post($"{{\"model\":\"m\",\"messages\":{new string('[', 100_000)}{new string(']', 100_000)}}}"), Invalid),
        new("names no model", Post("""{"messages":[]}"""), Invalid),
        new("names a model by a number", Post("""{"model":1}"""), "400 invalid_type"),
        new("names a model without a letter", Post("""{"model":""}"""), Invalid),
        new("asks for a stream by a text", Post("""{"model":"m","stream":"true"}"""), "400 invalid_type"),
        new("asks for a stream by a number, of a prompt", Post("""{"model":"m","prompt":"","stream":1}""", path: "/v1/completions"), "400 invalid_type"),
        new("asks for a stream where there is none", Post("""{"model":"m","input":"","stream":true}""", path: "/v1/embeddings"), "200 whole", 1),
        new("names a model that is not there", Post("""{"model":"x"}"""), "404 model_not_found"),
        new("sends a form", Post("model=m", "application/x-www-form-urlencoded"), "415 invalid_request_error"),
        new("sends gzip", Post(Gzip(Good), headers: "Content-Encoding: gzip\r\n"), "415 invalid_request_error"),
        new("says that its body is not encoded", With("Content-Encoding: identity\r\n"), "200 whole", 1),
        new("sends bytes that are no UTF-8", Post("{\"model\":\"m\",\"a\":\"\u00e4\"}"), Invalid),
        new("sends more than is allowed", $"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 500001\r\n\r\n", "413 request_too_large"),
        new("sends more than is allowed, in chunks", Chunked(Piece($"{{\"model\":\"m\",\"a\":\"{new string('x', 500_000)}\"}}")), "413 request_too_large"),
        new("sends Content-Length and Transfer-Encoding", $"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {Good.Length}\r\nTransfer-Encoding: chunked\r\n\r\n{Piece(Good)}0\r\n\r\n", Invalid),
        new("sends Transfer-Encoding twice", $"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n{Piece(Good)}0\r\n\r\n", Invalid),
        new("sends two lengths", $"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: {Good.Length}\r\nContent-Length: 1\r\n\r\n{Good}", Invalid),
        new("sends a length below zero", "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", Invalid),
        new("sends a chunk whose size is no number", Chunked("zz\r\n{}\r\n"), Invalid),
        new("sends a chunk of 2^32 bytes", Chunked("100000000\r\n{}\r\n"), Invalid),
        new("sends a chunk whose size has 17 digits", Chunked("ffffffffffffffff1\r\n{}\r\n"), Invalid),
        new("sends such a chunk on a connection that it keeps", Coded("chunked", "fffffffffffffffff\r\n"), Invalid),
        new("sends chunks in chunks", Coded("chunked, chunked", $"{Piece(Good)}0\r\n\r\n"), Invalid),
        new("sends gzip in chunks", Coded("gzip, chunked", $"{Piece(Good)}0\r\n\r\n"), Invalid),
        new("names chunks on two lines", Coded("chunked\r\nTransfer-Encoding: chunked", $"{Piece(Good)}0\r\n\r\n"), Invalid),
        new("names chunks in capitals", Coded("Chunked\r\nConnection: close", $"{Piece(Good)}0\r\n\r\n"), "200 whole", 1),
        new("sends chunks in HTTP/1.0", Coded("chunked", $"{Piece(Good)}0\r\n\r\n", "1.0"), Invalid),
        new("sends a carriage return in a header's value", With("x-a: b\rc\r\n"), Invalid),
        new("sends a line feed in a header's value", With("x-a: b\nc: d\r\n"), Invalid),
        new("sends a line feed in a header's name", With("x\n-a: b\r\n"), Invalid),
        new("sends a space before a header's colon", With("x-a : b\r\n"), Invalid),
        new("folds a header", With("x-a: b\r\n c\r\n"), Invalid),
        new("sends NUL in a header's value", With("x-a: b\0c\r\n"), Invalid),
        new("sends 40 kB of headers", With($"x-a: {new string('x', 40_000)}\r\n"), "431 invalid_request_error"),
        new("sends 20 kB of headers", With($"x-a: {new string('x', 20_000)}\r\n"), "200 whole", 1),
        new("names no host", $"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {Good.Length}\r\n\r\n{Good}", Invalid),
        new("asks for another path", "POST /v1/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", "404 invalid_request_error"),
        new("asks with another method", "PUT /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "405 method_not_supported"),
        new("speaks HTTP/1.0", $"POST /v1/chat/completions HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {Good.Length}\r\n\r\n{Good}", "200 whole", 1),
        new("sends its body in chunks", Chunked(Piece(Good[..5]) + Piece(Good[5..]) + "0\r\n\r\n"), "200 whole", 1),
        new("sends its body in chunks, with extensions and a trailer", Chunked($"{Good.Length:x};a=b\r\n{Good}\r\n0\r\nx-t: 1\r\n\r\n"), "200 whole", 1),
        new("expects 100-continue", With("Expect: 100-continue\r\n"), "200 whole", 1),
        new("sends no content type", $"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {Good.Length}\r\n\r\n{Good}", "200 whole", 1),
        new("sends a time limit that is no number", With("X-Request-Timeout: soon\r\n"), "200 whole", 1),
    ];

    private static string Post(string body, string type = "application/json", string headers = "", string path = "/v1/chat/completions") =>
        $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}";

    private static string With(string headers) => Post(Good, headers: headers);

    private static string Coded(string coding, string body, string version = "1.1") => $"POST /v1/chat/completions HTTP/{version}\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: {coding}\r\n\r\n{body}";

    private static string Chunked(string chunks) => $"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}";
}
