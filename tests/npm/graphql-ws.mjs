// Prints the first results of a subscription over a WebSocket, as one JSON array: node graphql-ws.mjs '{"url", …}'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const { url, key, query, variables, count } = JSON.parse(process.argv[2])
const client = createClient({
  url: url.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${key}` },
})
const found = []
for await (const result of client.iterate({ query, variables })) {
  found.push(result)
  if (found.length === count) break
}
console.log(JSON.stringify(found))
await client.dispose()
