import { expect, it } from 'vitest';
import { bufferPool } from '../../../src/buffers/buffer-pool.js';
import { SendBufferPool } from '../../../src/server/request/send-buffer-pool.js';
import { until } from '../../support/until.js';

const BYTES = 512 * 1024;

function buffersOf() {
  const output = { bytesWritten: 0, bytesFlushed: 0, destroyed: false };
  return { output, buffers: new SendBufferPool(output, { activeRequests: 1 }) };
}

it('a send buffer is reused after its content was sent', () => {
  const { output, buffers } = buffersOf();
  const first = buffers.take(BYTES);
  output.bytesWritten = BYTES;
  buffers.sent(first);
  expect(buffers.take(BYTES).buffer).not.toBe(first.buffer);
  output.bytesFlushed = BYTES;
  expect(buffers.take(BYTES).buffer).toBe(first.buffer);
});

it('buffers that are sent after the last request are available to other connections', async () => {
  const { output, buffers } = buffersOf();
  const first = buffers.take(BYTES);
  output.bytesWritten = BYTES;
  buffers.sent(first);
  buffers.rest();
  expect(buffers.settle()).toBe(false);
  output.bytesFlushed = BYTES;
  // Nobody asks this one.
  const { buffers: others } = buffersOf();
  await until(() => others.take(BYTES).buffer === first.buffer);
});

it('a buffer that is never sent is dropped and not reused', () => {
  const { output, buffers } = buffersOf();
  const first = buffers.take(BYTES);
  output.bytesWritten = BYTES;
  buffers.sent(first);
  buffers.rest();
  output.destroyed = true;
  expect(buffers.settle()).toBe(true);
  expect(buffers.take(BYTES).buffer).not.toBe(first.buffer);
});

it('sent buffers of small files are reused although requests continue', () => {
  const { output, buffers } = buffersOf();
  const memory = new Set<ArrayBufferLike>();
  for (let file = 0; file < 100; file++) {
    const buffer = bufferPool.acquireAtLeast(5_000);
    memory.add(buffer.buffer);
    output.bytesWritten += 5_000;
    buffers.sent(buffer);
    output.bytesFlushed = output.bytesWritten;
  }
  expect(memory.size).toBeLessThan(5);
});

it('buffers without later use are not tracked', () => {
  const { output, buffers } = buffersOf();
  output.bytesWritten = 1;
  for (const bytes of [0, 1, 2_000, 5_000]) buffers.sent(Buffer.allocUnsafeSlow(bytes));
  expect(buffers.settle()).toBe(true);
  buffers.sent(bufferPool.acquireAtLeast(5_000));
  expect(buffers.settle()).toBe(false);
});

it.each([
  { activeRequests: 1, kib: 256 },
  { activeRequests: 100, kib: 128 },
  { activeRequests: 10_000, kib: 64 },
])('a buffer has $kib KiB while $activeRequests requests run', ({ activeRequests, kib }) => {
  const output = { bytesWritten: 0, bytesFlushed: 0, destroyed: false };
  const buffers = new SendBufferPool(output, { activeRequests });
  expect(buffers.take(BYTES)).toHaveLength(kib * 1024);
});
