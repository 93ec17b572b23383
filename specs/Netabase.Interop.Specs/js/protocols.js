// The protocols that a spec exercises against js-libp2p, each as a client function and a handler.
import { createHash, randomBytes } from 'node:crypto'
import { StreamResetError } from '@libp2p/interface'

export const ECHO = '/netabase-interop/echo/1.0.0'
export const SINK = '/netabase-interop/sink/1.0.0'
export const SOURCE = '/netabase-interop/source/1.0.0'
export const HALF_CLOSE = '/netabase-interop/half-close/1.0.0'
export const RESET = '/netabase-interop/reset/1.0.0'
export const HOLD = '/netabase-interop/hold/1.0.0'
export const PERF = '/perf/1.0.0'

// Not a power of two, so that frames that swap places change the checksum.
const block = randomBytes(1024 * 1024 + 7)
const WRITE_SIZE = 64 * 1024

export async function write (stream, bytes, signal) {
  if (!stream.send(bytes)) {
    await stream.onDrain({ signal })
  }
}

// js-libp2p's own iterator never ends when the peer closed its side before the iteration began; this one looks first.
export function read (stream, onChunk) {
  return new Promise((resolve, reject) => {
    let total = 0
    const failed = ['reset', 'aborted'].includes(stream.status)

    stream.addEventListener('message', ({ data }) => {
      total += data.byteLength
      // A chunk is one array or a list of them.
      for (const part of data instanceof Uint8Array ? [data] : data) {
        onChunk?.(part)
      }
    })
    stream.addEventListener('close', ({ error }) => error == null ? resolve(total) : reject(error))
    stream.addEventListener('end', () => {
      if (!['reset', 'aborted'].includes(stream.status)) {
        resolve(total)
      }
    })

    if (failed) {
      reject(new StreamResetError())
    } else if (stream.readableEnded) {
      resolve(total)
    }
  })
}

const first = stream => new Promise(resolve => stream.addEventListener('message', resolve, { once: true }))

async function collect (stream) {
  const parts = []
  await read(stream, part => parts.push(part))
  return Buffer.concat(parts)
}

async function pour (stream, total, hash, signal) {
  let sent = 0

  while (sent < total) {
    const at = sent % block.length
    const chunk = block.subarray(at, at + Math.min(WRITE_SIZE, block.length - at, total - sent))
    hash?.update(chunk)
    await write(stream, chunk, signal)
    sent += chunk.length
  }
}

function u64 (value) {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), false)
  return bytes
}

function firstU64 (bytes) {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, false))
}

/** The sides that answer, by protocol. `report` tells the spec what the handler saw. */
export function handlers (report) {
  return {
    [ECHO]: async stream => {
      await read(stream, part => stream.send(part))
      await stream.close()
    },

    // Reads to the end, answers with the SHA-256 of what came.
    [SINK]: async stream => {
      const hash = createHash('sha256')
      await read(stream, part => hash.update(part))
      await write(stream, hash.digest())
      await stream.close()
    },

    // Reads a length (u64 big endian), answers with that many bytes and their SHA-256.
    [SOURCE]: async stream => {
      const request = await collect(stream)
      const hash = createHash('sha256')
      await pour(stream, firstU64(request), hash)
      await write(stream, hash.digest())
      await stream.close()
    },

    // Answers the first word and closes its own side, then goes on reading and reports all that came.
    [HALF_CLOSE]: async stream => {
      const reading = collect(stream)
      await first(stream)
      await write(stream, Buffer.from('I have said what I had to say'))
      await stream.close()
      report({ event: 'half-closed', received: (await reading).toString() })
    },

    // Reads something, then aborts both directions.
    [RESET]: async stream => {
      await first(stream)
      stream.abort(new Error('reset on request'))
    },

    // Answers something, keeps the stream open and reports how it ended.
    [HOLD]: async stream => {
      try {
        const reading = read(stream)
        await first(stream)
        await write(stream, Buffer.from('held'))
        const total = await reading
        report({ event: 'held', ended: 'closed', bytes: total })
        await stream.close()
      } catch (err) {
        report({ event: 'held', ended: err.name })
      }
    },

    [PERF]: async stream => {
      let head = Buffer.alloc(0)
      await read(stream, part => {
        if (head.length < 8) {
          head = Buffer.concat([head, part.subarray(0, 8)])
        }
      })
      await pour(stream, firstU64(head))
      await stream.close()
    }
  }
}

/** The sides that ask, by name of the command. Each returns what the spec is told. */
export const clients = {
  async echo (connection, { count = 1, bytes = 32 }, signal) {
    await Promise.all(Array.from({ length: count }, async () => {
      const stream = await connection.newStream(ECHO, { signal })
      const sent = randomBytes(bytes)
      const reading = collect(stream)
      await write(stream, sent, signal)
      await stream.close({ signal })
      const received = await reading
      if (!received.equals(sent)) {
        throw new Error(`echo returned ${received.length} bytes that are not the ${bytes} sent`)
      }
    }))

    return { count, bytes }
  },

  async upload (connection, { bytes }, signal) {
    const stream = await connection.newStream(SINK, { signal })
    const hash = createHash('sha256')
    const reading = collect(stream)
    await pour(stream, bytes, hash, signal)
    await stream.close({ signal })
    return { sent: hash.digest('hex'), received: (await reading).toString('hex') }
  },

  async download (connection, { bytes }, signal) {
    const stream = await connection.newStream(SOURCE, { signal })
    const hash = createHash('sha256')
    let tail = Buffer.alloc(0)
    await write(stream, u64(bytes), signal)
    const reading = read(stream, part => {
      // The last 32 bytes are the checksum, wherever the chunks happen to be cut.
      const seen = Buffer.concat([tail, part])
      const keep = Math.min(32, seen.length)
      hash.update(seen.subarray(0, seen.length - keep))
      tail = Buffer.from(seen.subarray(seen.length - keep))
    })
    await stream.close({ signal })
    const total = await reading
    return { bytes: total - 32, sent: tail.toString('hex'), received: hash.digest('hex') }
  },

  async halfClose (connection, args, signal) {
    const stream = await connection.newStream(HALF_CLOSE, { signal })
    // An iterator that starts after the peer's close would wait for ever: start it first.
    const reading = collect(stream)
    await write(stream, Buffer.from('first words, '), signal)
    const heard = (await reading).toString()
    // Their side is closed now; ours still carries.
    await write(stream, Buffer.from('last words'), signal)
    await stream.close({ signal })
    return { heard }
  },

  async reset (connection, args, signal) {
    const stream = await connection.newStream(RESET, { signal })
    try {
      await write(stream, new Uint8Array([1]), signal)
      await collect(stream)
      return { ended: 'closed' }
    } catch (err) {
      return { ended: err.name }
    }
  },

  // Opens a stream, and resets it from our side once the other one has answered something.
  async abort (connection, args, signal) {
    const stream = await connection.newStream(HOLD, { signal })
    await write(stream, new Uint8Array(1000), signal)
    await first(stream)
    stream.abort(new Error('aborted on request'))
    return {}
  },

  async perf (connection, { upload, download }, signal) {
    const stream = await connection.newStream(PERF, { signal })
    const started = performance.now()
    const reading = read(stream)
    await write(stream, u64(download), signal)
    await pour(stream, upload, undefined, signal)
    await stream.close({ signal })
    const received = await reading
    return { received, milliseconds: performance.now() - started }
  }
}
