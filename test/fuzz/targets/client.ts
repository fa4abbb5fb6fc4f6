/** A complete client in memory: for any server output, each request ends with a valid value or a TransferError. */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { isKnownErrorCode } from '../../../src/errors.js';
import { FileClient, parseRemotePath, TransferError, type CodecName } from '../../../src/index.js';
import type { Random } from '../../faults/fixtures/random.js';
import { serverBytes } from '../inputs/conversations.js';
import { spokenIn } from '../inputs/beginnings.js';
import { shuffled } from '../inputs/frames.js';
import { chanceOf } from '../inputs/pieces.js';
import type { Outcome, Target } from '../target.js';
import { damaged } from '../inputs/transcripts.js';
import { carried } from './carried.js';

export const clientTarget: Target = { name: 'client', inputs: 50_000, make, run };

const names = Object.keys(builtinCodecs) as CodecName[];

function make(random: Random): Buffer {
  const codec = random.pick(names);
  const words = serverBytes(codec, random);
  // Most of the input must be valid, or the connection ends early.
  const frames = random.next() < 0.5 ? words : shuffled(words, random);
  return damaged(codec, { frames, share: random.pick([0, 0.01, 0.1]) }, random);
}

async function run(input: Buffer): Promise<Outcome> {
  const random = chanceOf(input);
  const client = new FileClient({ codec: spokenIn(input), reconnect: false });
  const endpoint = client.endpoint();
  // Handled immediately, so that an early failure is not an unhandled rejection.
  const requests = Promise.allSettled(requestsOf(client));
  const { ms } = await carried(endpoint, input, random);
  const outcomes = await settled(requests);
  await client.close({ graceMs: 0 });
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assertError(outcome.reason);
  }
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  return { verdict: failed ? codeOf(failed.reason) : 'accepted', ms };
}

function requestsOf(client: FileClient): Promise<unknown>[] {
  return [
    client.stat('a').then(({ path, size }) => {
      assert.equal(path, 'a');
      assert.ok(Number.isSafeInteger(size));
    }),
    client.readFile('f').then((bytes) => assert.ok(Buffer.isBuffer(bytes))),
    entriesOf(client),
    client.writeFile('u', 'body').then(({ path }) => assert.equal(path, 'u')),
    client.mkdir('d'),
    client.call('m').then((value) => assert.doesNotThrow(() => JSON.stringify(value))),
    streamOf(client),
    changesOf(client),
  ];
}

async function streamOf(client: FileClient): Promise<void> {
  const stream = client.open('s');
  const { result } = stream;
  stream.end();
  stream.resume();
  await result;
}

/** A watch has no end of its own: it ends when its directory is gone. */
async function changesOf(client: FileClient): Promise<void> {
  try {
    for await (const event of client.watch('/', { snapshot: true })) {
      if ('entry' in event) assert.equal(parseRemotePath(event.entry.path), event.entry.path);
      if ('entry' in event) assert.ok(!event.entry.path.includes('/'), 'a change is of another directory');
    }
  } catch (error) {
    if (!(error instanceof TransferError && error.code === 'ENOENT')) throw error;
  }
}

async function entriesOf(client: FileClient): Promise<void> {
  for await (const { path } of client.list()) {
    assert.equal(parseRemotePath(path), path);
    assert.ok(!path.includes('/'), 'an entry is of another directory');
  }
}

type Outcomes = PromiseSettledResult<unknown>[];

const MOST_TURNS = 200;

/** The outcomes of the requests, none of which may be pending. */
async function settled(requests: Promise<Outcomes>): Promise<Outcomes> {
  let outcomes: Outcomes | undefined;
  void requests.then((all) => (outcomes = all));
  for (let turns = 0; !outcomes; turns += 1) {
    assert.ok(turns < MOST_TURNS, 'a request waits although its connection is gone');
    await nextTurn();
  }
  return outcomes;
}

function assertError(reason: unknown): void {
  if (!(reason instanceof TransferError)) throw reason;
  assert.notEqual(reason.reason, 'Internal error.');
}

/** Codes that are not in the table are the server's own, of which there is no end. */
function codeOf(reason: unknown): string {
  const { code } = TransferError.from(reason);
  return isKnownErrorCode(code) ? code : 'another';
}
