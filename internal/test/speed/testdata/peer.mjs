// The service that iade's speed is compared with: refunds over iyzico on Node.js as a competent engineer writes them in a
// day. A row per idempotency key goes into SQLite before iyzico is called, and its status column answers duplicates. What it
// lacks is what internal/test/safety shows: it can move money twice. It is test code: do not deploy it.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'

const [folder] = process.argv.slice(2)
const { IYZICO_BASE_URL: base, IYZICO_API_KEY: apiKey, IYZICO_SECRET_KEY: secretKey } = process.env

const db = new DatabaseSync(`${folder}/refunds.db`)
db.exec('PRAGMA journal_mode = WAL')
db.exec('PRAGMA synchronous = FULL') // a row that was committed is on disk
db.exec(`
  CREATE TABLE IF NOT EXISTS lines (id TEXT PRIMARY KEY, payment_id TEXT NOT NULL, paid INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS refunds (
    key TEXT PRIMARY KEY, id TEXT NOT NULL, payment_id TEXT NOT NULL, line_id TEXT NOT NULL, amount INTEGER NOT NULL,
    status TEXT NOT NULL, error TEXT, auth_code TEXT, host_reference TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS refunds_of_a_line ON refunds (line_id);
`)
const find = db.prepare('SELECT * FROM refunds WHERE key = ?')
const findLine = db.prepare('SELECT * FROM lines WHERE id = ?')
const addLine = db.prepare('INSERT OR IGNORE INTO lines (id, payment_id, paid) VALUES (?, ?, ?)')
const taken = db.prepare("SELECT COALESCE(SUM(amount), 0) AS sum FROM refunds WHERE line_id = ? AND status <> 'failed'")
const insert = db.prepare(
  `INSERT INTO refunds (key, id, payment_id, line_id, amount, status, created_at, updated_at)
   VALUES (?, ?, ?, ?, ?, 'pending', ?, ?)`)
const finish = db.prepare('UPDATE refunds SET status = ?, error = ?, auth_code = ?, host_reference = ?, updated_at = ? WHERE key = ?')

// call sends one signed request, as iyzico's official clients do.
async function call(path, content) {
  const body = JSON.stringify(content)
  const random = randomBytes(16).toString('hex')
  const signature = createHmac('sha256', secretKey).update(random + path + body).digest('hex')
  const authorization = Buffer.from(`apiKey:${apiKey}&randomKey:${random}&signature:${signature}`).toString('base64')
  const response = await fetch(base + path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', Accept: 'application/json', 'x-iyzi-rnd': random, Authorization: `IYZWSv2 ${authorization}`,
    },
    body,
    signal: AbortSignal.timeout(20_000),
  })
  if (response.status >= 500) throw new Error(`iyzico: HTTP ${response.status}`)
  return response.json()
}

// paid is what the customer paid for a line, in kuruş; iyzico is asked once for each payment.
async function paid(paymentId, lineId) {
  const known = findLine.get(lineId)
  if (known) return known.paid
  const detail = await call('/payment/detail', { locale: 'tr', paymentId })
  for (const line of detail.itemTransactions ?? []) {
    addLine.run(String(line.paymentTransactionId), paymentId, Math.round(line.paidPrice * 100))
  }
  return findLine.get(lineId)?.paid ?? 0
}

async function refund(key, { paymentId, paymentTransactionId, amount }) {
  const cents = Math.round(Number(amount) * 100)
  if (!key || !/^[0-9]+$/.test(paymentId) || !/^[0-9]+$/.test(paymentTransactionId) || !(cents > 0)) {
    return [400, { error: 'needs a key, ids and an amount' }]
  }
  const whole = await paid(paymentId, paymentTransactionId)
  const row = find.get(key)
  if (row) {
    const same = row.payment_id === paymentId && row.line_id === paymentTransactionId && row.amount === cents
    return same ? [200, shown(row)] : [409, { error: 'the key was used for another request' }]
  }
  if (taken.get(paymentTransactionId).sum + cents > whole) return [422, { error: 'more than is left of the line' }]
  const id = 'ob_' + createHash('sha256').update(key).digest('hex').slice(0, 16)
  const now = new Date().toISOString()
  insert.run(key, id, paymentId, paymentTransactionId, cents, now, now)
  const answer = await call('/payment/refund', {
    locale: 'tr', conversationId: id, paymentTransactionId, price: (cents / 100).toFixed(2), currency: 'TRY',
  })
  const done = answer.status === 'success'
  finish.run(done ? 'succeeded' : 'failed', answer.errorMessage ?? null, answer.authCode ?? null, answer.hostReference ?? null, new Date().toISOString(), key)
  return [done ? 201 : 422, shown(find.get(key))]
}

function shown(row) {
  return {
    id: row.id, status: row.status, paymentId: row.payment_id, paymentTransactionId: row.line_id, amount: (row.amount / 100).toFixed(2),
    currency: 'TRY', error: row.error ?? undefined, authCode: row.auth_code ?? undefined, hostReference: row.host_reference ?? undefined,
    createdAt: row.created_at, updatedAt: row.updated_at,
  }
}

const server = createServer(async (request, response) => {
  const began = Date.now()
  let status = 500, body = { error: 'unexpected' }
  try {
    const parts = []
    for await (const part of request) parts.push(part)
    if (request.method === 'POST' && request.url === '/refunds') {
      [status, body] = await refund(request.headers['idempotency-key'], JSON.parse(Buffer.concat(parts).toString()))
    } else {
      [status, body] = [404, { error: 'not found' }]
    }
  } catch (error) {
    [status, body] = [202, { status: 'pending', error: error.message }]
  }
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
  console.log(`${new Date().toISOString()} ${request.method} ${request.url} ${status} ${body.id ?? ''} ${Date.now() - began} ms`)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
