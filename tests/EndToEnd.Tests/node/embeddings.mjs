// Asks for embeddings as any program would (the package asks for base64 by itself) and prints what it saw as one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const ask = { model: "bert-mean", input: ["The quick brown fox.", "hello"] };
const implied = await client.embeddings.create(ask);
const numbers = await client.embeddings.create({ ...ask, encoding_format: "float" });
console.log(JSON.stringify({
  implied: implied.data.map((entry) => Array.from(entry.embedding)),
  numbers: numbers.data.map((entry) => Array.from(new Float32Array(entry.embedding))),
  usage: implied.usage,
}));
