import { expect, it } from 'vitest';
import { ChunkBuffers } from '../../src/server/chunk-buffers.js';
import { until } from '../support/until.js';

const BYTES = 512 * 1024;

function buffersOf() {
  const output = { bytesWritten: 0, bytesOut: 0, destroyed: false };
  return { output, buffers: new ChunkBuffers(output) };
}

it('a buffer is used again when what was in it has left', () => {
  const { output, buffers } = buffersOf();
  const first = buffers.take(BYTES);
  output.bytesWritten = BYTES;
  buffers.sent(first);
  expect(buffers.take(BYTES).buffer).not.toBe(first.buffer);
  output.bytesOut = BYTES;
  expect(buffers.take(BYTES).buffer).toBe(first.buffer);
});

it('what leaves after the last request is for other connections, though this one does nothing more', async () => {
  const { output, buffers } = buffersOf();
  const first = buffers.take(BYTES);
  output.bytesWritten = BYTES;
  buffers.sent(first);
  buffers.rest();
  expect(buffers.settle()).toBe(false);
  output.bytesOut = BYTES;
  // Nobody asks this one.
  const { buffers: others } = buffersOf();
  await until(() => others.take(BYTES).buffer === first.buffer);
});

it('what never leaves is let go of, and used by nobody', () => {
  const { output, buffers } = buffersOf();
  const first = buffers.take(BYTES);
  output.bytesWritten = BYTES;
  buffers.sent(first);
  buffers.rest();
  output.destroyed = true;
  expect(buffers.settle()).toBe(true);
  expect(buffers.take(BYTES).buffer).not.toBe(first.buffer);
});
