/** The frames in the bodies of a batch, before anything is damaged. */
import type { BatchedRequest } from '../../../src/client/batches/encode-batch.js';
import type { Frame } from '../../../src/protocol/frames.js';
import type { FrameWithPayload } from '../../codecs/frames.arbitrary.js';
import type { Random } from '../../faults/fixtures/random.js';
import { data, plain, sealed, sumOf } from './framed.js';

const CONTENTS = ['', 'a', 'hello', 'x'.repeat(300)].map((text) => Buffer.from(text));
const PATHS = ['a.txt', 'dir/b.txt', 'none', '../up'];

/** A few requests, with a check in each frame or in none. */
export function batchRequests(random: Random): FrameWithPayload[] {
  const frames: FrameWithPayload[] = [];
  const count = random.integer(1, 5);
  for (let id = 1; id <= count; id += 1) {
    const path = random.pick(PATHS);
    const bytes = random.pick(CONTENTS);
    if (random.next() < 0.4) {
      frames.push(plain({ type: 'open', id, op: 'download', path, maxBytes: random.pick([0, 5, 65_536]) }));
      continue;
    }
    const checksum = random.next() < 0.5 ? sumOf(bytes) : undefined;
    frames.push(plain({ type: 'open', id, op: 'upload', path, size: bytes.length, mtime: 1, checksum }));
    if (bytes.length > 0) frames.push(data(id, bytes));
  }
  return random.next() < 0.5 ? frames.map(sealed) : frames;
}

/** The requests of which these are the answers. */
export const answeredRequests: readonly BatchedRequest[] = [
  { fields: { op: 'download', path: 'a', maxBytes: 5 } },
  { fields: { op: 'upload', path: 'b', size: 1 }, bytes: Buffer.from('b') },
  { fields: { op: 'download', path: 'c', maxBytes: 65_536 } },
  { fields: { op: 'upload', path: 'd', size: 0 } },
];

export function batchAnswers(random: Random): FrameWithPayload[] {
  return answeredRequests.flatMap(({ fields: { op } }, index) => {
    const id = index + 1;
    if (random.next() < 0.2)
      return [plain({ type: 'error', id, code: random.pick(['ENOENT', 'EOWN']), retryable: false })];
    const bytes = op === 'upload' ? CONTENTS[1]! : random.pick(CONTENTS.slice(0, 3));
    const result: Frame = { type: 'result', id, kind: 'file', size: bytes.length, mtime: 1, etag: 'v' };
    if (op === 'upload' || bytes.length === 0) return [plain(result)];
    return [data(id, bytes), plain({ ...result, checksum: sumOf(bytes) })];
  });
}
