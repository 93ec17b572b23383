// Runs the official interop suite (@libp2p/interop) and prints one JSON object per case.
//   node suite.js --daemon <program> [--shard <n>/<count>]     our node plays "go"
//   node suite.js --daemon js                                  js-libp2p plays both sides: checks the harness itself
import { parseArgs } from 'node:util'
import * as interop from '@libp2p/interop'
import Mocha from 'mocha'
import { daemonFactory } from './daemons.js'

const { values } = parseArgs({ options: { daemon: { type: 'string' }, shard: { type: 'string', default: '1/1' } } })
const program = values.daemon === 'js' ? null : values.daemon
const [shard, shards] = values.shard.split('/').map(Number)

// What runs, by group of the suite; the others are told by name, each with the reason.
const groups = [
  ['connect', interop.connectInteropTests],
  ['streams', interop.streamInteropTests],
  ['relay', interop.relayInteropTests, 'circuit relay is not built yet'],
  ['dht', interop.dhtInteropTests],
  ['pubsub', interop.pubsubInteropTests, 'pubsub is not built yet']
]

const say = result => process.stdout.write(JSON.stringify(result) + '\n')

// A case that names no time of its own has as long as under aegir, for which the suite is written. Those that do were measured on
// machines that do nothing else, and start up to four programs of ours at once.
const patience = 4
const { timeout } = Mocha.Context.prototype
Mocha.Context.prototype.timeout = function (time) {
  return time == null ? timeout.call(this) : timeout.call(this, time * patience)
}
const mocha = new Mocha({ reporter: class {}, timeout: 60_000 })
mocha.suite.emit('pre-require', globalThis, null, mocha)

function reasonNotToRun (group, name) {
  const reason = groups.find(([title]) => title === group)[2]
  if (reason != null) {
    return reason
  }
  if (/webtransport|webrtc/.test(name)) {
    return 'no such transport here'
  }
  if (program != null && !/\bgo\b/.test(name)) {
    return 'js against js says nothing about us'
  }
}

function eachTest (suite, visit) {
  suite.tests.forEach(visit)
  suite.suites.forEach(inner => eachTest(inner, visit))
}

// A case of the DHT starts as many programs as two shards at once: they go one after the other, in the last shard, and the others share the rest.
let running = 0
function shardOf (group) {
  return group === 'dht' || shards === 1 ? shards : 1 + running++ % (shards - 1)
}

const keep = []
for (const [group, register] of groups) {
  mocha.suite.suites = []
  await register(daemonFactory(program))

  for (const suite of mocha.suite.suites) {
    const reasons = []
    eachTest(suite, test => {
      test.group = group
      const reason = reasonNotToRun(group, test.fullTitle())
      if (reason != null) {
        reasons.push({ group, name: test.fullTitle(), state: 'not run', reason })
      }
    })
    if (reasons.length > 0) {
      // Every case has its own suite: one that does not run takes its hooks with it.
      if (shard === 1) {
        reasons.forEach(say)
      }
    } else if (shardOf(group) === shard) {
      keep.push(suite)
    }
  }
}
mocha.suite.suites = keep

const failures = await new Promise(resolve => {
  const runner = mocha.run(resolve)
  const tell = (test, state, error) =>
    say({ group: test.group, name: test.fullTitle(), state, milliseconds: test.duration, error })
  runner.on('pass', test => tell(test, 'passed'))
  runner.on('pending', test => tell(test, 'not run'))
  // A hook that fails takes its suite's cases with it; they carry its error.
  runner.on('fail', (failed, error) => {
    const text = error.stack ?? String(error)
    if (failed.type === 'hook') {
      eachTest(failed.parent, test => { test.group && tell(test, 'failed', `${failed.title}: ${text}`) })
    } else {
      tell(failed, 'failed', text)
    }
  })
})
process.exit(Math.min(failures, 1))
