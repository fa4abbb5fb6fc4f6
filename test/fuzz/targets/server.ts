/** A complete server in memory: for any client input, it answers by the rules, ends, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { pipeline } from 'node:stream/promises';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { detectCodec } from '../../../src/codecs/detect.js';
import { FileServer, MemoryStorage, parseRemotePath, type CodecName } from '../../../src/index.js';
import { REMOTE_ROOT } from '../../../src/protocol/remote-path.js';
import type { Random } from '../../faults/fixtures/random.js';
import { clientBytes } from '../inputs/conversations.js';
import { shuffled } from '../inputs/frames.js';
import { chanceOf } from '../inputs/pieces.js';
import type { Outcome, Target } from '../target.js';
import { damaged } from '../inputs/transcripts.js';
import { carried } from './carried.js';
import { ServerWords } from './server-words.js';

export const serverTarget: Target = { name: 'server', inputs: 50_000, make, run };

const codecs = Object.values(builtinCodecs);
const names = Object.keys(builtinCodecs) as CodecName[];

function make(random: Random): Buffer {
  const codec = random.pick(names);
  const words = clientBytes(codec, random);
  // Most of the input must be valid, or the connection ends early.
  const frames = random.next() < 0.5 ? words : shuffled(words, random);
  return damaged(codec, { frames, share: random.pick([0, 0.01, 0.1]) }, random);
}

async function run(input: Buffer): Promise<Outcome> {
  const random = chanceOf(input);
  const storage = await smallStorage();
  const before = storage.bytes;
  const server = new FileServer({
    storage,
    strategy: random.pick(['blocking', 'non-blocking']),
    ...logins(random),
  });
  server.method('echo', (value) => value).streamMethod('echo-stream', (duplex) => pipeline(duplex, duplex));
  const { said, ms } = await carried(server.endpoint(), input, random);
  // Before a codec is known, a server speaks text.
  const words = new ServerWords(detectCodec(codecs, input) ?? builtinCodecs.text);
  words.read(said);
  await server.close({ graceMs: 0 });
  const { connections, activeRequests, queuedRequests } = server.stats();
  assert.deepEqual({ connections, activeRequests, queuedRequests }, NOTHING);
  await assertSound(storage);
  assert.ok(storage.bytes <= before + input.length + COPIED_BYTES, 'more is stored than was sent');
  return { verdict: words.error ?? 'accepted', ms };
}

const NOTHING = { connections: 0, activeRequests: 0, queuedRequests: 0 };

/** The maximum size of copies of the few small files. */
const COPIED_BYTES = 64 * 1024;

async function smallStorage(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.mkdir(parseRemotePath('dir'), { recursive: false });
  for (const path of ['a.txt', 'dir/b.txt']) {
    const pending = await storage.write(parseRemotePath(path), { overwrite: false });
    await pending.write([Buffer.from(`This is ${path}.`)]);
    await pending.commit();
  }
  return storage;
}

/** Some servers delay the login and then accept it: frames that arrive meanwhile have to wait. */
function logins(random: Random) {
  if (random.next() < 0.7) return {};
  return { authenticate: async () => Promise.resolve({ name: 'a' }) };
}

/** Every name is a valid one. */
async function assertSound(storage: MemoryStorage): Promise<void> {
  for await (const { path } of storage.list(REMOTE_ROOT, { recursive: true })) {
    assert.equal(parseRemotePath(path), path);
  }
}
