const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The same call for a shell. The key is a variable's: the page has none. */
export function curl(request, servesCalls) {
  // Where administration has a port of its own, only whoever runs the gateway knows the other's address.
  const address = servesCalls ? quoted(`${location.origin}/v1/chat/completions`) : '"$GATEWAY_URL/v1/chat/completions"';
  return `curl ${request.stream ? "-N " : ""}${address} \\\n  -H "Authorization: Bearer $GATEWAY_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(request))}`;
}
