// js-libp2p's DHT as a spec drives it. Bytes travel as lower-case hex; what is provided is named by its multihash.
import { once } from 'node:events'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { decode as multihash } from 'multiformats/hashes/digest'

const bytes = hex => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = bytes => Buffer.from(bytes).toString('hex')
const cid = hash => CID.createV1(raw.code, multihash(bytes(hash)))
const told = ({ id, multiaddrs }) => ({ peer: id.toString(), addresses: multiaddrs.map(String) })

/** Every byte string is a record of these namespaces, and of two the greater one is better. */
function spaces (names) {
  const greatest = (key, records) =>
    records.reduce((best, record, at) => Buffer.compare(Buffer.from(record), Buffer.from(records[best])) > 0 ? at : best, 0)
  return {
    validators: Object.fromEntries(names.map(name => [name, async () => {}])),
    selectors: Object.fromEntries(names.map(name => [name, greatest]))
  }
}

/** The service, with private addresses believed: a spec has no others. */
export function dht ({ protocol, server = true, namespaces = [], k }) {
  return kadDHT({
    protocol,
    clientMode: !server,
    kBucketSize: k,
    peerInfoMapper: passthroughMapper,
    allowQueryWithZeroPeers: true,
    initialQuerySelfInterval: 50,
    // Its own limit of 32 makes gets fail that the benchmark has in flight at once.
    maxInboundStreams: 1024,
    maxOutboundStreams: 1024,
    ...spaces(namespaces)
  })
}

// A query tells everything it meets as events; errors of single peers among them do not end it.
async function run (query, visit = () => {}) {
  const seen = { answers: 0, errors: [] }
  for await (const event of query) {
    if (event.name === 'PEER_RESPONSE') {
      seen.answers++
    } else if (event.name === 'QUERY_ERROR') {
      seen.errors.push(`${event.from}: ${event.error.name}: ${event.error.message}`)
    }
    visit(event)
  }
  return seen
}

async function get (node, key, signal) {
  let value
  const seen = await run(node.services.dht.get(key, { signal }), event => {
    if (event.name === 'VALUE') {
      value = event.value
    }
  })
  return { value, seen }
}

export const commands = node => ({
  async dhtPut ({ key, value }, signal) {
    return run(node.services.dht.put(bytes(key), bytes(value), { signal }))
  },

  // The best value after the whole query, or null; js repairs stale replicas on its way.
  async dhtGet ({ key }, signal) {
    const { value, seen } = await get(node, bytes(key), signal)
    return { value: value == null ? null : hex(value), ...seen }
  },

  async dhtProvide ({ multihash }, signal) {
    return run(node.services.dht.provide(cid(multihash), { signal }))
  },

  async dhtFindProviders ({ multihash }, signal) {
    const found = new Map()
    const seen = await run(node.services.dht.findProviders(cid(multihash), { signal }), event => {
      if (event.name === 'PROVIDER') {
        event.providers.forEach(provider => found.set(provider.id.toString(), told(provider)))
      }
    })
    return { providers: [...found.values()], ...seen }
  },

  async dhtFindPeer ({ peer }, signal) {
    let found
    const seen = await run(node.services.dht.findPeer(peerIdFromString(peer), { signal }), event => {
      if (event.name === 'FINAL_PEER') {
        found = told(event.peer)
      }
    })
    return { found: found ?? null, ...seen }
  },

  async dhtClosest ({ key }, signal) {
    const peers = []
    const seen = await run(node.services.dht.getClosestPeers(bytes(key), { signal }), event => {
      if (event.name === 'FINAL_PEER') {
        peers.push(told(event.peer))
      }
    })
    return { peers, ...seen }
  },

  async dhtMode ({ mode }, signal) {
    await node.services.dht.setMode(mode, { signal })
    return { mode: node.services.dht.getMode() }
  },

  // Once the routing table holds so many peers: js takes a peer in some time after it was identified.
  async dhtTable ({ least = 0 }, signal) {
    const table = node.services.dht.routingTable
    while (table.size < least) {
      await once(table, 'peer:add', { signal })
    }
    return { size: table.size }
  },

  // Gets of these keys in turn, so many under way at once; milliseconds for all of them.
  async dhtMeasureGets ({ keys, count, parallel }, signal) {
    const wanted = keys.map(bytes)
    let next = 0
    const started = performance.now()
    await Promise.all(Array.from({ length: parallel }, async () => {
      while (next < count) {
        const { value } = await get(node, wanted[next++ % wanted.length], signal)
        if (value == null) {
          throw new Error('a get found nothing')
        }
      }
    }))
    return { milliseconds: performance.now() - started }
  }
})
