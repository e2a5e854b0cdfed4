// Prints what the audits of graphql-http find at an address, one JSON line each: node audits.mjs URL KEY
import { serverAudits } from 'graphql-http'

const [url, key] = process.argv.slice(2)
const fetchFn = (to, options = {}) =>
  fetch(to, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } })
for (const audit of serverAudits({ url, fetchFn })) {
  const found = await audit.fn()
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status: found.status, reason: found.reason }))
}
