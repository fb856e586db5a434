// Uses the gateway as any program would, and prints what it saw as one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const ask = { model: "tiny-chat", temperature: 0, messages: [{ role: "user", content: "What is the capital of France?" }] };
const seen = {};

const plain = await client.chat.completions.create(ask);
seen.plain = plain.choices[0].message.content;
seen.usage = plain.usage;

seen.streamed = "";
for await (const chunk of await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } }))
  seen.streamed += chunk.choices[0]?.delta?.content ?? "";

seen.choices = (await client.chat.completions.create({ ...ask, n: 3, temperature: 1, seed: 1 })).choices.length;
seen.completion = (await client.completions.create({ model: "tiny-chat", prompt: "Once upon a time", max_tokens: 5 })).choices[0].text;
seen.models = (await client.models.list()).data.map((model) => model.id);

const failure = async (request) => {
  try {
    await client.chat.completions.create(request);
    return null;
  } catch (error) {
    return { status: error.status, code: error.code, param: error.param, requestID: error.requestID };
  }
};
seen.notFound = await failure({ ...ask, model: "no-such-model" });
seen.badRequest = await failure({ ...ask, temperature: 3 });

console.log(JSON.stringify(seen));
