// What the transport benchmark asks of js-libp2p as a dialer. Times are milliseconds, taken here.
import { randomBytes } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { clients, read, write, ECHO } from './protocols.js'

const IN_FLIGHT = 64
const PING = '/ipfs/ping/1.0.0'

async function timed (count, action) {
  const times = []

  for (let i = 0; i < count; i++) {
    const started = performance.now()
    await action()
    times.push(performance.now() - started)
  }

  return times
}

// Answers come in order and whole requests are 32 bytes, so that counting bytes is enough.
function roundTrips (stream) {
  let left = 0
  let answered
  read(stream, part => {
    left -= part.length
    if (left <= 0) {
      answered?.()
    }
  }).catch(() => {})

  return async bytes => {
    left = bytes.length
    const answer = new Promise(resolve => { answered = resolve })
    await write(stream, bytes)
    await answer
  }
}

async function newStreamPing (connection) {
  const stream = await connection.newStream(PING)
  await roundTrips(stream)(randomBytes(32))
  await stream.close()
}

export function measures (node) {
  const dial = address => node.dial(multiaddr(address), { force: true })

  return {
    // To a connection on which Identify has answered, closed again each time.
    async measureDial ({ address, count }) {
      const times = []

      for (let i = 0; i < count; i++) {
        const started = performance.now()
        let done
        const identified = new Promise(resolve => { done = resolve })
        node.addEventListener('peer:identify', done)
        const connection = await dial(address)
        await identified
        times.push(performance.now() - started)
        node.removeEventListener('peer:identify', done)
        await connection.close()
      }

      return { times }
    },

    async measureFirstAnswer ({ address, count }) {
      const times = []

      for (let i = 0; i < count; i++) {
        const started = performance.now()
        const connection = await dial(address)
        await newStreamPing(connection)
        times.push(performance.now() - started)
        await connection.close()
      }

      return { times }
    },

    async measureStreams ({ address, count }) {
      const connection = await dial(address)
      const times = await timed(count, () => newStreamPing(connection))
      await connection.close()
      return { times }
    },

    async measureEcho ({ address, count }) {
      const connection = await dial(address)
      const stream = await connection.newStream(ECHO)
      const trip = roundTrips(stream)
      const times = await timed(count, () => trip(randomBytes(32)))
      await connection.close()
      return { times }
    },

    // A stream for each request, as js-libp2p's DHT does it; milliseconds for all of them.
    async measureRequests ({ address, count }) {
      const connection = await dial(address)
      let left = count
      const started = performance.now()
      await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
        while (left-- > 0) {
          const stream = await connection.newStream(ECHO, { maxOutboundStreams: 10_000 })
          await roundTrips(stream)(randomBytes(32))
          await stream.close()
        }
      }))
      const times = [performance.now() - started]
      await connection.close()
      return { times }
    },

    async measureBulk ({ address, bytes }) {
      const connection = await dial(address)
      const { milliseconds } = await clients.perf(connection, { upload: bytes, download: 0 })
      await connection.close()
      return { times: [milliseconds] }
    }
  }
}
