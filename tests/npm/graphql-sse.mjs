// Prints the first results of a subscription as server-sent events, as one JSON array: node graphql-sse.mjs '{"url", …}'
import { createClient } from 'graphql-sse'

const { url, key, query, variables, count } = JSON.parse(process.argv[2])
const client = createClient({ url, headers: { Authorization: `Bearer ${key}` } })
const found = []
for await (const result of client.iterate({ query, variables })) {
  found.push(result)
  if (found.length === count) break
}
console.log(JSON.stringify(found))
client.dispose()
