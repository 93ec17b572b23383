// js-libp2p as a peer that a spec drives: one JSON object per line in (a command with an id), one per line out
// (the answer with that id, or an event). It ends with its standard input.
import { createInterface } from 'node:readline'
import { identify, identifyPush } from '@libp2p/identify'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { commands as dhtCommands, dht } from './dht.js'
import { measures } from './measures.js'
import { clients, handlers } from './protocols.js'

const COMMAND_TIMEOUT = 60_000
const config = JSON.parse(process.argv[2] ?? '{}')
const say = message => process.stdout.write(JSON.stringify(message) + '\n')

const node = await createLibp2p({
  addresses: { listen: config.listen ?? ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp(), webSockets()],
  connectionEncrypters: (config.security ?? ['noise']).map(name => ({ noise, tls })[name]()),
  streamMuxers: [yamux()],
  peerDiscovery: config.mdns == null ? [] : [mdns({ interval: config.mdns.interval ?? 1000, serviceTag: config.mdns.serviceTag })],
  connectionManager: {
    // A spec opens many connections from one address within a second.
    inboundConnectionThreshold: 100_000,
    maxIncomingPendingConnections: 10_000,
    maxConnections: 10_000
  },
  connectionMonitor: { enabled: false },
  services: {
    identify: identify({ runOnConnectionOpen: true }),
    identifyPush: identifyPush(),
    ping: ping(),
    ...(config.dht == null ? {} : { dht: dht(config.dht) })
  }
})

for (const [protocol, handler] of Object.entries(handlers(say))) {
  await node.handle(protocol, handler, { maxInboundStreams: 10_000, maxOutboundStreams: 10_000 })
}

node.addEventListener('peer:discovery', ({ detail }) => {
  say({ event: 'discovered', peer: detail.id.toString(), addresses: detail.multiaddrs.map(String) })
})
node.addEventListener('connection:open', ({ detail }) => say({ event: 'connected', peer: detail.remotePeer.toString() }))
node.addEventListener('connection:close', ({ detail }) => say({ event: 'disconnected', peer: detail.remotePeer.toString() }))
node.addEventListener('peer:identify', ({ detail }) => {
  say({
    event: 'identified',
    peer: detail.peerId.toString(),
    agent: detail.agentVersion,
    protocolVersion: detail.protocolVersion,
    protocols: detail.protocols,
    listen: detail.listenAddrs.map(String),
    observed: detail.observedAddr?.toString(),
    signed: detail.signedPeerRecord != null
  })
})
// What Identify and Identify Push leave in the peer store.
node.addEventListener('peer:update', ({ detail }) => {
  say({ event: 'updated', peer: detail.peer.id.toString(), protocols: detail.peer.protocols })
})

const connectionTo = peer => {
  const found = node.getConnections().find(connection => connection.remotePeer.toString() === peer)
  if (found == null) {
    throw new Error(`not connected to ${peer}`)
  }
  return found
}

const commands = {
  async dial ({ address, force }, signal) {
    const started = performance.now()
    const connection = await node.dial(multiaddr(address), { signal, force })
    return {
      peer: connection.remotePeer.toString(),
      security: connection.encryption,
      muxer: connection.multiplexer,
      milliseconds: performance.now() - started
    }
  },
  async ping ({ peer }, signal) {
    return { milliseconds: await node.services.ping.ping(connectionTo(peer).remotePeer, { signal }) }
  },
  async connections () {
    return {
      connections: node.getConnections().map(connection => ({
        peer: connection.remotePeer.toString(),
        direction: connection.direction,
        security: connection.encryption,
        muxer: connection.multiplexer,
        streams: connection.streams.length
      }))
    }
  },
  async identify ({ peer }, signal) {
    const seen = await node.services.identify.identify(connectionTo(peer), { signal })
    return { agent: seen.agentVersion, protocols: seen.protocols, observed: seen.observedAddr?.toString() }
  },
  // Serving one protocol more makes js push its new Identify to everybody connected.
  async handle ({ protocol }) {
    await node.handle(protocol, async stream => { await stream.close() })
    return {}
  },
  async close ({ peer }, signal) {
    await connectionTo(peer).close({ signal })
    return {}
  },
  async memory () {
    globalThis.gc?.()
    return { resident: process.memoryUsage().rss }
  }
}

Object.assign(commands, measures(node), config.dht == null ? {} : dhtCommands(node))
for (const [name, client] of Object.entries(clients)) {
  commands[name] = async (args, signal) => client(connectionTo(args.peer), args, signal)
}

say({ event: 'ready', peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) })

for await (const line of createInterface({ input: process.stdin })) {
  const { id, command, ...args } = JSON.parse(line)
  const run = async () => {
    if (!Object.hasOwn(commands, command)) {
      throw new Error(`no such command: ${command}`)
    }
    return commands[command](args, AbortSignal.timeout(args.timeout ?? COMMAND_TIMEOUT))
  }
  run().then(
    result => say({ id, ok: true, ...result }),
    err => say({ id, ok: false, error: `${err.name}: ${err.message}` }))
}

await node.stop()
process.exit(0)
