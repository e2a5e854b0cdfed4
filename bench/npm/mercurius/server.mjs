// A reference of `bench lists`: mercurius with its JIT and loaders, on the tables themselves, without any of our limits.
// node server.mjs PORT DATABASE_URL BOOK_ID
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

const [port, url, book] = process.argv.slice(2)
const queries = JSON.parse(readFileSync(new URL('../queries.json', import.meta.url)))
const pool = new pg.Pool({ connectionString: url, max: 8 })
const read = async (name, values) => (await pool.query({ name, text: queries[name], values })).rows

const schema = `
  type Money { amountMinor: String! currency: String! }
  type Transfer { id: ID! amount: Money! code: String! }
  type Account { id: ID! balance: Money! transfers(first: Int!): [Transfer!]! }
  type Query { accounts(first: Int!): [Account!]! }
`
const resolvers = {
  Query: {
    accounts: async (_, { first }) =>
      (await read('accounts', [book, first])).map((row) => ({
        number: row.account_no,
        id: row.account_id,
        balance: { amountMinor: row.balance_minor, currency: row.currency },
      })),
  },
}
const loaders = {
  Account: {
    transfers: async (asked) => {
      const rows = await read('transfers', [book, asked.map(({ obj }) => obj.number), asked[0].params.first])
      const found = new Map(asked.map(({ obj }) => [obj.number, []]))
      for (const row of rows) {
        const amount = { amountMinor: row.amount_minor, currency: row.currency }
        found.get(row.owner).push({ id: row.transfer_id, amount, code: row.code })
      }
      return asked.map(({ obj }) => found.get(obj.number))
    },
  },
}

const app = Fastify()
app.register(mercurius, { schema, resolvers, loaders, jit: 1 })
await app.listen({ port: Number(port), host: '127.0.0.1' })
