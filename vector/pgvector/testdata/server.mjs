// A PostgreSQL with pgvector in memory, for several connections on loopback:
//
//   node server.mjs FOLDER
//
// FOLDER is what install.sh filled. The port is printed. The server ends with its standard input. PGlite is one session,
// which connections get in turn: for what they send up to a Sync, or to the end of a transaction.
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const load = (name) =>
	import(pathToFileURL(join(process.argv[2], 'node_modules/@electric-sql', name, 'dist/index.js')).href)
const { PGlite } = await load('pglite')
const { vector } = await load('pglite-pgvector')
const db = await PGlite.create({ extensions: { vector } })

const sslRequest = 80877103, gssRequest = 80877104, cancelRequest = 80877102

let owner = null // the connection whose turn it is
const waiting = []

function turn(c) {
	if (owner === null || owner === c) {
		owner = c
		return Promise.resolve()
	}
	return new Promise((go) => waiting.push({ c, go }))
}

function pass() {
	const next = waiting.shift()
	owner = next ? next.c : null
	next?.go()
}

async function run(c, messages) {
	await turn(c)
	let status = 'I'
	for (const m of messages) {
		const answer = await db.execProtocolRaw(m, { syncToFs: false })
		if (!c.destroyed) c.write(answer)
		for (let at = 0; at + 5 <= answer.length; ) { // ReadyForQuery tells whether a transaction is open
			const n = new DataView(answer.buffer, answer.byteOffset + at + 1, 4).getInt32(0)
			if (answer[at] === 0x5a) status = String.fromCharCode(answer[at + 5])
			at += 1 + n
		}
	}
	if (status === 'I') pass()
}

async function end(c) {
	if (owner !== c) return
	await db.exec('ROLLBACK')
	pass()
}

const server = createServer((c) => {
	let bytes = Buffer.alloc(0), started = false, group = [], work = Promise.resolve()
	const then = (f) => {
		work = work.then(f).catch((e) => {
			console.error(e)
			c.destroy()
		})
	}
	c.setNoDelay(true)
	c.on('error', () => c.destroy())
	c.on('close', () => then(() => end(c)))
	c.on('data', (data) => {
		bytes = Buffer.concat([bytes, data])
		for (;;) {
			const head = started ? 1 : 0
			if (bytes.length < head + 4) return
			const n = head + bytes.readInt32BE(head)
			if (bytes.length < n) return
			const message = new Uint8Array(bytes.subarray(0, n))
			const code = started ? 0 : bytes.readInt32BE(4)
			bytes = bytes.subarray(n)
			if (code === sslRequest || code === gssRequest) {
				c.write('N')
			} else if (code === cancelRequest || (started && message[0] === 0x58)) {
				c.end() // Terminate would end PGlite
			} else {
				group.push(message)
				if (!started || message[0] === 0x53 || message[0] === 0x51) { // Sync, Query
					const all = group
					group = []
					then(() => run(c, all))
				}
				started = true
			}
		}
	})
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
