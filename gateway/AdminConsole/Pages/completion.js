import { ask, Refusal } from "./api.js";
import { events } from "./sse.js";

/**
 * Makes a call and tells what comes as it comes. Answers with its times in milliseconds and its usage; a call that was stopped is no failure.
 * Tokens a second are counted from the first token on, so that reading the prompt does not count as slowness.
 */
export async function complete(request, { signal, text, thought, seen }) {
  const began = performance.now();
  const result = { first: null, rate: null, total: null, usage: null, finish: null, upstream: null, attempts: 1, calls: [], stopped: false };
  let pieces = 0;
  const take = (delta) => {
    const thinks = delta?.reasoning_content ?? delta?.reasoning;
    if (!delta?.content && !thinks && !delta?.tool_calls) return;
    result.first ??= performance.now() - began;
    pieces++;
    if (thinks) thought(thinks);
    if (delta.content) text(delta.content);
    for (const call of delta.tool_calls ?? []) gather(result.calls, call);
  };

  try {
    const answer = await ask("POST", "/playground/chat/completions", { body: request, signal });
    result.upstream = answer.headers.get("x-gateway-upstream");
    result.attempts = Number(answer.headers.get("x-gateway-attempts") ?? 1);
    if (!answer.headers.get("content-type")?.startsWith("text/event-stream")) {
      const whole = await answer.json();
      const choice = whole.choices?.[0];
      take(choice?.message);
      [result.usage, result.finish, result.first] = [whole.usage ?? null, choice?.finish_reason ?? null, null];
    } else {
      for await (const data of events(answer.body)) {
        if (data === "[DONE]") break;
        const chunk = JSON.parse(data);
        if (chunk.error) throw new Refusal(null, chunk.error, answer.headers.get("x-request-id"));
        take(chunk.choices?.[0]?.delta);
        result.finish = chunk.choices?.[0]?.finish_reason ?? result.finish;
        result.usage = chunk.usage ?? result.usage;
        measure(result, pieces, began);
        seen(result);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    result.stopped = true;
  }

  result.total = performance.now() - began;
  return result;
}

// Until the upstream has counted, a piece is taken for a token.
function measure(result, pieces, began) {
  const made = result.usage?.completion_tokens ?? pieces;
  if (result.usage && result.rate !== null && result.counted) return;
  const span = performance.now() - began - (result.first ?? 0);
  if (result.first !== null && made > 1 && span > 0) result.rate = (made - 1) / span * 1_000;
  result.counted = result.usage !== null;
}

// Parts of tool calls come by index, their arguments in pieces.
function gather(calls, part) {
  const call = calls[part.index ?? calls.length] ??= { id: part.id, type: part.type ?? "function", function: { name: "", arguments: "" } };
  call.function.name += part.function?.name ?? "";
  call.function.arguments += part.function?.arguments ?? "";
}
