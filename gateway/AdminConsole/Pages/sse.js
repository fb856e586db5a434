/** The data of each event of a stream, as text. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      rest += done ? "\n\n" : value;
      // A CR may be half of a line's end that is still to come.
      const held = !done && rest.endsWith("\r") ? "\r" : "";
      const parts = rest.slice(0, rest.length - held.length).replace(/\r\n?/g, "\n").split("\n\n");
      rest = parts.pop() + held;
      for (const part of parts) {
        const data = part.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).replace(/^ /, ""));
        if (data.length) yield data.join("\n");
      }
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
