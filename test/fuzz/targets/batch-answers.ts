/** The answers to a batch as a client reads them: the same whatever the pieces, no more than asked for, or an error. */
import assert from 'node:assert/strict';
import { BatchAnswers } from '../../../src/client/batches/batch-answers.js';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { TransferError } from '../../../src/errors.js';
import type { CodecName } from '../../../src/index.js';
import type { Random } from '../../faults/fixtures/random.js';
import { answeredRequests, batchAnswers } from '../inputs/batches.js';
import { spokenIn } from '../inputs/beginnings.js';
import { shuffled } from '../inputs/frames.js';
import { chanceOf, piecesOf } from '../inputs/pieces.js';
import { damaged } from '../inputs/transcripts.js';
import { timed, type Outcome, type Target } from '../target.js';

export const batchAnswersTarget: Target = { name: 'batch-answers', inputs: 500_000, make, run };

const names = Object.keys(builtinCodecs) as CodecName[];

function make(random: Random): Buffer {
  const codec = random.pick(names);
  const words = batchAnswers(random);
  const frames = random.next() < 0.5 ? words : shuffled(words, random);
  return damaged(codec, { frames, share: random.pick([0, 0.02, 0.2]) }, random);
}

function run(input: Buffer): Outcome {
  const random = chanceOf(input);
  const { value: whole, ms } = timed(() => read(input, [input]));
  const cut = read(input, piecesOf(input, random, random.pick([2, 16, 1_024])));
  assert.equal(cut, whole, 'pieces tell something else than the whole');
  return { verdict: /^E[A-Z]+$/.test(whole) ? whole : 'accepted', ms };
}

/** The answers as a text, or the code of the error. */
function read(input: Buffer, pieces: Iterable<Uint8Array>): string {
  const answers = new BatchAnswers(answeredRequests);
  const codec = builtinCodecs[spokenIn(input)];
  const decoder = codec.decoder(answers, { maxHeaderBytes: 65_536, maxFrameBytes: answers.maxBytes });
  try {
    for (const piece of pieces) decoder.write(piece);
    return answers.complete().map(textOf).join('\n');
  } catch (thrown) {
    if (!(thrown instanceof TransferError)) throw thrown;
    assert.ok(['EPROTO', 'EBADMSG', 'EMSGSIZE'].includes(thrown.code), thrown.code);
    return thrown.code;
  }

  function textOf(answer: ReturnType<BatchAnswers['complete']>[number], index: number): string {
    const { fields } = answeredRequests[index] ?? assert.fail('there are more answers than requests');
    if (answer instanceof TransferError) return `error ${answer.message}`;
    const { result, bytes } = answer;
    assert.equal(result.id, index + 1);
    assert.ok(fields.op === 'download' || bytes.length === 0, 'an upload is answered with bytes');
    assert.ok(bytes.length <= (fields.maxBytes ?? answers.maxBytes), 'there are more bytes than asked for');
    return `${JSON.stringify(result)} ${bytes.toString('latin1')}`;
  }
}
