// A reference of `bench lists`: PostGraphile, whose schema follows from the tables and two functions of the benchmark.
// node server.mjs PORT DATABASE_URL
import { createServer } from 'node:http'
import pg from 'pg'
import { postgraphile } from 'postgraphile'

const [port, url] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 8 })
const options = { disableQueryLog: true, graphiql: false, ignoreRBAC: true }
createServer(postgraphile(pool, 'public', options)).listen(Number(port), '127.0.0.1')
