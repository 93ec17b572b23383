// The two kinds of node of the official suite: js-libp2p in this process, and a program behind the daemon control
// protocol, which the suite calls "go".
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { createClient } from '@libp2p/daemon-client'
import { createServer } from '@libp2p/daemon-server'
import { identify } from '@libp2p/identify'
import { UnsupportedError } from '@libp2p/interop'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { plaintext } from '@libp2p/plaintext'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { dht } from './dht.js'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const START_TIMEOUT = 60_000
const STOP_TIMEOUT = 30_000
const encrypters = { noise, tls, plaintext }

function flags (options) {
  const flags = [`-listen=${LOOPBACK}`, options.noListen === true ? '-noListenAddrs' : `-hostAddrs=${LOOPBACK}`]

  if (options.encryption != null) {
    flags.push(`-${options.encryption}=true`)
  }
  if (options.key != null) {
    flags.push(`-id=${options.key}`)
  }
  for (const [name, wanted] of [['dhtServer', options.dht], ['relay', options.relay], ['pubsub', options.pubsub]]) {
    if (wanted === true) {
      flags.push(`-${name}`)
    }
  }
  if (options.pubsubRouter != null) {
    flags.push(`-pubsubRouter=${options.pubsubRouter}`)
  }
  return flags
}

async function controlSocket (child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const found = line.match(/Control socket:\s*(\S+)/)
    if (found != null) {
      return multiaddr(found[1])
    }
  }
  throw new Error('the daemon ended without telling its control socket')
}

// A hook whose time is over leaves behind what it was just starting.
const started = new Set()
process.on('exit', () => started.forEach(child => child.kill('SIGKILL')))

async function spawnDaemon (program, options) {
  const child = spawn(program, flags(options), { stdio: ['ignore', 'pipe', 'inherit'] })
  started.add(child)
  const exit = once(child, 'exit').finally(() => started.delete(child))
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT)
  const address = await controlSocket(child).finally(() => clearTimeout(timer))
  child.stdout.resume()

  return {
    client: createClient(address),
    async stop () {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT)
      const [code, signal] = await exit
      clearTimeout(late)
      if (code !== 0) {
        throw new Error(`the daemon ended with ${code ?? signal}`)
      }
    }
  }
}

async function spawnJs (options) {
  const node = await createLibp2p({
    privateKey: options.key == null ? undefined : privateKeyFromProtobuf(await readFile(options.key)),
    addresses: { listen: options.noListen === true ? [] : [LOOPBACK] },
    transports: [tcp()],
    connectionEncrypters: [encrypters[options.encryption ?? 'noise']()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      ...(options.dht === true ? { dht: dht({ protocol: '/ipfs/kad/1.0.0' }) } : {})
    }
  })
  const server = createServer(multiaddr(LOOPBACK), node)
  await server.start()

  return {
    client: createClient(server.getMultiaddr()),
    async stop () {
      await server.stop()
      await node.stop()
    }
  }
}

/** The suite's factory; `program` plays "go", or js-libp2p itself when it is null. */
export function daemonFactory (program) {
  return {
    async spawn (options) {
      if (options.transport != null && options.transport !== 'tcp') {
        throw new UnsupportedError()
      }
      return options.type === 'go' && program != null ? spawnDaemon(program, options) : spawnJs(options)
    }
  }
}
