// Asks for a value of a type in one of several packages' ways, and prints the value.
import { z } from "zod";

const [baseURL, way] = process.argv.slice(2);
const Weather = z.object({ sky: z.enum(["clear", "cloudy"]), degrees: z.number().int().min(-40).max(50), windy: z.boolean() });
const prompt = "What is the weather in Paris?";
const ways = {
  async zod() {
    const { default: OpenAI } = await import("openai");
    const { zodResponseFormat } = await import("openai/helpers/zod");
    const answer = await new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 }).chat.completions.parse({
      model: "tiny-chat", messages: [{ role: "user", content: prompt }], response_format: zodResponseFormat(Weather, "weather"),
    });
    return answer.choices[0].message.parsed;
  },
  // As instructor asks in its mode of tools: one function that must be called, and the value is its arguments.
  async instructor() {
    const { default: OpenAI } = await import("openai");
    const answer = await new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 }).chat.completions.create({
      model: "tiny-chat", messages: [{ role: "user", content: prompt }],
      tools: [{ type: "function", function: { name: "Weather", description: "Correctly extracted `Weather`", parameters: z.toJSONSchema(Weather) } }],
      tool_choice: { type: "function", function: { name: "Weather" } },
    });
    return Weather.parse(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments));
  },
  langchain: () => langchain("jsonSchema"),
  langchainTools: () => langchain("functionCalling"),
  async ai() {
    const { generateObject } = await import("ai");
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    const provider = createOpenAICompatible({ name: "gateway", baseURL, supportsStructuredOutputs: true });
    return (await generateObject({ model: provider("tiny-chat"), schema: Weather, prompt, maxRetries: 0 })).object;
  },
};

async function langchain(method) {
  const { ChatOpenAI } = await import("@langchain/openai");
  const model = new ChatOpenAI({ model: "tiny-chat", apiKey: "none", maxRetries: 0, configuration: { baseURL } });
  return await model.withStructuredOutput(Weather, { method, name: "weather" }).invoke(prompt);
}

console.log(JSON.stringify({ made: Weather.parse(await ways[way]()) }));
