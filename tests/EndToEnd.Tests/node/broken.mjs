// Reads a stream whose worker it kills after the first chunk, and prints what the package made of that.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const seen = { chunks: 0 };
try {
  const stream = await client.chat.completions.create({
    model: "tiny-chat", stream: true, max_tokens: 900, ignore_eos: true, messages: [{ role: "user", content: "Tell me a story." }],
  });
  for await (const chunk of stream) if (seen.chunks++ === 0 && chunk.choices.length === 1) process.kill(Number(process.argv[3]), "SIGKILL");
} catch (error) {
  seen.error = error instanceof OpenAI.APIError ? "APIError" : error.constructor.name;
  seen.message = error.message;
}
console.log(JSON.stringify(seen));
