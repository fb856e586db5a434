// Keeps chat completions and looks after them as any program would, and prints what it saw as one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const ask = { model: "tiny-chat", temperature: 0, store: true, messages: [{ role: "user", content: "What is the capital of France?" }] };
const stored = client.chat.completions;
const seen = {};

const first = await stored.create({ ...ask, metadata: { team: "red" } });
for (let i = 0; i < 3; i++) await stored.create(ask);
for await (const _ of await stored.create({ ...ask, stream: true })) { /* to its end */ }

seen.answered = first.choices[0].message.content;
seen.kept = (await stored.retrieve(first.id)).choices[0].message.content;
seen.listed = [];
for await (const one of stored.list({ limit: 2, model: "tiny-chat" })) seen.listed.push(one.id);
seen.red = (await stored.list({ metadata: { team: "red" } })).data.map((one) => one.id);
seen.message = (await stored.messages.list(first.id)).data[0];
seen.updated = (await stored.update(first.id, { metadata: { team: "blue" } })).metadata;
seen.deleted = (await stored.delete(first.id)).deleted;
try {
  await stored.retrieve(first.id);
} catch (error) {
  seen.gone = { status: error.status, code: error.code };
}

console.log(JSON.stringify(seen));
