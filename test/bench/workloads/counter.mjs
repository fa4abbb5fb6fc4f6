/** The end of a pipeline that counts bytes, as a program would that only looks at them. */
// @ts-check
import { Writable } from 'node:stream';

/** The size of a file in bytes is checked, because a contender that loses some would be fast. */
export class Counter {
  bytes = 0;

  writable = new Writable({
    write: (/** @type {Buffer} */ chunk, _encoding, done) => {
      this.bytes += chunk.length;
      done();
    },
  });

  /** Throws if another number of bytes has arrived. @param {number} bytes */
  expect(bytes) {
    if (this.bytes !== bytes) throw new Error(`${this.bytes} bytes have arrived, not ${bytes}.`);
  }
}
