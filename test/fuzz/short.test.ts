/** A little of each target, and whether the judgement would notice. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import type { Codec, FrameSink } from '../../src/codecs/codec.js';
import { TransferError } from '../../src/errors.js';
import { Random } from '../faults/fixtures/random.js';
import { inputBytes, inputText } from './inputs/input-text.js';
import { Find } from './runner/judge.js';
import { fuzz, inputOf } from './runner/runner.js';
import { shrunk } from './runner/shrink.js';
import type { Target } from './target.js';
import { decoderTarget } from './targets/decoder.js';
import { targets } from './targets.js';

/** A share of the inputs of a full run: one second at most. */
const SHARE = 0.002;

describe.each(targets)('for any bytes, $name', (target) => {
  it('keeps its promises', async () => {
    const inputs = Math.ceil(target.inputs * SHARE);
    const { accepted, refused, inputs: ran } = await fuzz(target, { seed: 1, inputs });
    expect(ran).toBe(inputs);
    // Inputs of which all are good, or none, would show little.
    expect(accepted).toBeGreaterThan(inputs / 50);
    expect(refused.size).toBeGreaterThan(0);
  });
});

describe('the fuzzer', () => {
  it('reports a decoder that throws', () => expectFind((sink) => ({ ...sink, frame: () => broken() })));

  it('reports a decoder that continues after an error', () =>
    expectFind((sink) => ({
      ...sink,
      error: (error) => {
        sink.error(error);
        sink.frame({ type: 'ping', token: 1 });
      },
    })));

  it('reports a decoder whose frames depend on the boundaries of chunks', () =>
    expectFind((sink) => {
      let writes = 0;
      return {
        ...sink,
        frame: (frame) => (writes++ === 1 ? undefined : sink.frame(frame)),
        payload: sink.payload,
      };
    }));

  it('reports a decoder that reads a frame which no codec can write', () =>
    expectFind((sink) => ({
      ...sink,
      frame: (frame) => sink.frame(frame.type === 'cancel' ? { ...frame, id: 2 ** 50 } : frame),
    })));

  it('reports a decoder that accepts a payload beyond its limit', () =>
    expectFind((sink) => sink, { maxFrameBytes: Infinity }));

  it('reports a decoder that buffers more of a header than its limit', () =>
    expectFind((sink) => sink, { maxHeaderBytes: Infinity }));

  it('repeats a finding with the same seed and number', async () => {
    const target = defective((sink) => ({ ...sink, error: () => broken() }));
    const find = await fuzz(target, { seed: 3, inputs: 1_000 }).catch((error: unknown) => error);
    expect(find).toBeInstanceOf(Find);
    const { number, input } = find as Find;
    expect(inputOf(target, 3, number)).toEqual(input);
    await expect(fuzz(target, { seed: 3, first: number, inputs: 1 })).rejects.toMatchObject({ number });
  });

  it('shrinks a finding to its smallest form', async () => {
    const holds = async (input: Buffer): Promise<boolean> => input.includes('ab') && input.includes('c');
    const smallest = await shrunk(Buffer.from('xxxabxxxxxxxxcxxx'), holds);
    expect(smallest.toString()).toBe('abc');
  });

  it('reports uncaught exceptions, also later ones', async () => {
    const stray: Target = {
      name: 'stray',
      inputs: 1,
      make: () => Buffer.alloc(1),
      run: async () => {
        setImmediate(broken);
        await nextTurn();
        return { verdict: 'x', ms: 0 };
      },
    };
    const others = process.listeners('uncaughtException');
    // The test's runner would take it for a failure of its own.
    process.removeAllListeners('uncaughtException');
    try {
      await expect(fuzz(stray, { seed: 1, inputs: 2 })).rejects.toThrow('Nobody catches');
    } finally {
      for (const listener of others) process.on('uncaughtException', listener);
    }
  });

  it('reports inputs that are slow each time', async () => {
    const slow: Target = {
      name: 'slow',
      inputs: 1,
      make: () => Buffer.alloc(1),
      run: () => ({ verdict: 'x', ms: 101 }),
    };
    await expect(fuzz(slow, { seed: 1, inputs: 1 })).rejects.toThrow('101 ms for 64 KiB');
    let calls = 0;
    const once: Target = { ...slow, run: () => ({ verdict: 'x', ms: calls++ === 0 ? 101 : 1 }) };
    expect((await fuzz(once, { seed: 1, inputs: 1 })).slowestMsPer64KiB).toBe(1);
  });
});

it('an input that is written to a file is read unchanged', () => {
  const random = new Random(1);
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const others = Array.from({ length: 200 }, () =>
    Buffer.from(
      Array.from({ length: random.integer(0, 9) }, () => random.pick([10, 13, 32, 92, 110, 120, 255])),
    ),
  );
  for (const bytes of [all, ...others]) {
    const text = inputText(bytes);
    expect(inputBytes(text)).toEqual(bytes);
    expect(inputBytes(text.replaceAll('\n', '\r\n'))).toEqual(bytes);
    expect(text).toMatch(/^[\n -~]*\n$/);
  }
});

/** The text codec with a defect between its decoder and its sink, or with other limits. */
function defective(
  distort: (sink: FrameSink) => FrameSink,
  limits: { maxFrameBytes?: number; maxHeaderBytes?: number } = {},
): Target {
  const codec: Codec = {
    ...builtinCodecs.text,
    decoder: (sink, given) => builtinCodecs.text.decoder(distort(bound(sink)), { ...given, ...limits }),
  };
  return decoderTarget('text', codec);
}

async function expectFind(...defect: Parameters<typeof defective>): Promise<void> {
  await expect(fuzz(defective(...defect), { seed: 1, inputs: 20_000 })).rejects.toThrow(Find);
}

function bound(sink: FrameSink): FrameSink {
  return {
    frame: (frame) => sink.frame(frame),
    payload: (piece) => sink.payload(piece),
    error: (error) => sink.error(error),
  };
}

function broken(): never {
  throw new TransferError('EIO', 'A defect.');
}
