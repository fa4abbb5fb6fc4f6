/** The body of a batch as a server reads it: the same requests whatever the pieces, in their order, with their bytes. */
import assert from 'node:assert/strict';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { TransferError } from '../../../src/errors.js';
import type { CodecName } from '../../../src/index.js';
import { MAX_BATCHED_FILE_BYTES } from '../../../src/protocol/limits.js';
import { BatchRequests } from '../../../src/server/operations/batch/batch-requests.js';
import type { Random } from '../../faults/fixtures/random.js';
import { batchRequests } from '../inputs/batches.js';
import { spokenIn } from '../inputs/beginnings.js';
import { shuffled } from '../inputs/frames.js';
import { chanceOf, piecesOf } from '../inputs/pieces.js';
import { damaged } from '../inputs/transcripts.js';
import { timed, type Outcome, type Target } from '../target.js';

export const batchRequestsTarget: Target = { name: 'batch-requests', inputs: 500_000, make, run };

const names = Object.keys(builtinCodecs) as CodecName[];

function make(random: Random): Buffer {
  const codec = random.pick(names);
  const words = batchRequests(random);
  const frames = random.next() < 0.5 ? words : shuffled(words, random);
  return damaged(codec, { frames, share: random.pick([0, 0.02, 0.2]) }, random);
}

interface Read {
  readonly text: string;
  readonly code: string | undefined;
}

function run(input: Buffer): Outcome {
  const random = chanceOf(input);
  const { value: whole, ms } = timed(() => read(input, [input]));
  const cut = read(input, piecesOf(input, random, random.pick([2, 16, 1_024])));
  assert.equal(cut.code, whole.code, 'pieces end otherwise than the whole');
  // Before an error, pieces complete requests that the whole gives up.
  if (whole.code === undefined)
    assert.equal(cut.text, whole.text, 'pieces tell something else than the whole');
  return { verdict: whole.code ?? 'accepted', ms };
}

function read(input: Buffer, pieces: Iterable<Uint8Array>): Read {
  const requests = new BatchRequests(builtinCodecs[spokenIn(input)]);
  let text = '';
  let lastId = 0;
  try {
    for (const piece of pieces) {
      for (const { request, bytes } of requests.decode(piece)) {
        assert.equal(request.id, ++lastId, 'a request is out of order');
        assert.ok(bytes.length <= MAX_BATCHED_FILE_BYTES);
        assert.equal(bytes.length, request.op === 'upload' ? (request.size ?? 0) : 0);
        text += `${JSON.stringify(request)} ${bytes.toString('latin1')}\n`;
      }
    }
    requests.end();
    return { text, code: undefined };
  } catch (thrown) {
    if (!(thrown instanceof TransferError)) throw thrown;
    assert.ok(['EPROTO', 'EBADMSG', 'EMSGSIZE'].includes(thrown.code), thrown.code);
    return { text, code: thrown.code };
  }
}
