import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { PartWriter } from '../../../../src/client/local/partial-download/part-writer.js';
import { until } from '../../../support/until.js';

/** A part whose writes end when the test says so, but for the bytes that it takes directly. */
class SlowPart {
  readonly writes: string[][] = [];
  direct = 0;
  end: (error?: Error) => void = () => undefined;

  writeSync(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    const rest = Buffer.concat(pieces).subarray(this.direct);
    this.direct = 0;
    return rest.length > 0 ? [rest] : [];
  }

  write(pieces: readonly Uint8Array[]): Promise<void> {
    this.writes.push(pieces.map((piece) => Buffer.from(piece).toString()));
    return new Promise((resolve, reject) => {
      this.end = (error) => (error ? reject(error) : resolve());
    });
  }
}

describe('the part writer', () => {
  it('combines the chunks that arrive during a write, and reports each write', async () => {
    const part = new SlowPart();
    let told = 0;
    const writer = new PartWriter(part, () => (told += 1));
    for (const piece of ['a', 'b', 'c']) writer.write(piece);
    expect(part.writes).toEqual([['a']]);
    part.end();
    await until(() => part.writes.length === 2);
    expect(part.writes).toEqual([['a'], ['bc']]);
    expect(told).toBe(1);
    part.end();
    writer.end();
    await once(writer, 'finish');
    expect(told).toBe(2);
  });

  it('writes synchronously as much as is allowed, and the rest by a thread', async () => {
    const part = new SlowPart();
    let told = 0;
    const writer = new PartWriter(part, () => (told += 1));
    part.direct = 3;
    writer.write('abc');
    expect(told).toBe(1);
    part.direct = 2;
    writer.write('defg');
    await until(() => part.writes.length > 0);
    expect(part.writes).toEqual([['fg']]);
    expect(told).toBe(1);
    part.end();
    writer.end();
    await once(writer, 'finish');
    expect(told).toBe(2);
  });

  it('accepts no more than 512 KiB while a write is pending', () => {
    const writer = new PartWriter(new SlowPart(), () => undefined);
    const piece = Buffer.alloc(128 * 1024);
    expect([1, 2, 3, 4].map(() => writer.write(piece))).toEqual([true, true, true, false]);
  });

  it('fails with the error of a write, and with the error that its callback throws', async () => {
    const part = new SlowPart();
    const writer = new PartWriter(part, () => undefined);
    writer.write('a');
    part.end(new Error('full'));
    expect(await once(writer, 'error')).toMatchObject([{ message: 'full' }]);
    const other = new PartWriter(part, () => {
      throw new Error('enough');
    });
    other.write('a');
    part.end();
    expect(await once(other, 'error')).toMatchObject([{ message: 'enough' }]);
  });

  it('reports nothing after it is destroyed', async () => {
    const part = new SlowPart();
    let told = 0;
    const writer = new PartWriter(part, () => (told += 1));
    writer.write('a');
    writer.destroy();
    part.end();
    await once(writer, 'close');
    expect(told).toBe(0);
  });
});
