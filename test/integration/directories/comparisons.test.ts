import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlanOptions } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { linesOf, LONG_AGO_MS, trees } from '../../support/local-files/trees.js';

describe('a file of equal size', () => {
  it('is equal up to a millisecond, and differs from 2 ms on', async () => {
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS + 1)).toEqual([]);
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS + 2)).toEqual(['transfer f mtime']);
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS + 100)).toEqual(['transfer f mtime']);
    expect(await planWithTimes(LONG_AGO_MS + 100, LONG_AGO_MS)).toEqual(['transfer f mtime']);
  });

  it('is equal up to modifyWindowMs', async () => {
    const options = { modifyWindowMs: 2_000 };
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS + 2_000, { options })).toEqual([]);
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS + 2_001, { options })).toEqual(['transfer f mtime']);
  });

  it('is compared by content if it was changed within the last 2 s, or in the future', async () => {
    for (const ms of [Date.now(), Date.now() + 3_600_000]) {
      expect(await planWithTimes(ms, ms, { contents: ['one', 'two'] })).toEqual(['transfer f content']);
      expect(await planWithTimes(ms, ms, { contents: ['one', 'one'] })).toEqual([]);
    }
  });

  it('that was changed twice within a millisecond is sent the second time', async () => {
    const { client, up, local, remote } = await trees({ local: { f: 'one' } });
    const now = Date.now() / 1_000;
    await fs.utimes(path.join(local, 'f'), now, now);
    await fs.cp(local, remote, { recursive: true, preserveTimestamps: true });
    expect(await linesOf(client.planSync(...up))).toEqual([]);
    await fs.writeFile(path.join(local, 'f'), 'two');
    await fs.utimes(path.join(local, 'f'), now, now);
    expect(await linesOf(client.planSync(...up))).toEqual(['transfer f content']);
  });

  it('is not read without the option checksum', async () => {
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS, { contents: ['one', 'two'] })).toEqual([]);
  });
});

describe('the option checksum', () => {
  const options = { checksum: true };

  it('finds a file that differs in its content only', async () => {
    const contents = ['one', 'two'] as const;
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS, { contents, options })).toEqual([
      'transfer f content',
    ]);
  });

  it('sets a wrong time of an equal file instead of sending it', async () => {
    expect(await planWithTimes(LONG_AGO_MS, 5_000, { options })).toEqual(['touch f mtime']);
  });

  it('reads no file of another size', async () => {
    const contents = ['one', 'three'] as const;
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS, { contents, options })).toEqual(['transfer f size']);
  });
});

describe('two empty files', () => {
  it('differ in their time only', async () => {
    expect(await planWithTimes(LONG_AGO_MS, 5_000, { contents: ['', ''] })).toEqual(['touch f mtime']);
  });
});

describe('the mode newer', () => {
  const options = { mode: 'newer' } as const;

  it('keeps a newer file of the target, whatever its size', async () => {
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS + 5, { options })).toEqual([]);
    const contents = ['one', 'three'] as const;
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS + 5, { contents, options })).toEqual([]);
  });

  it('sends a newer file', async () => {
    expect(await planWithTimes(LONG_AGO_MS + 5, LONG_AGO_MS, { options })).toEqual(['transfer f newer']);
    const contents = ['one', 'three'] as const;
    expect(await planWithTimes(LONG_AGO_MS, LONG_AGO_MS, { contents, options })).toEqual(['transfer f size']);
  });
});

describe('a side that keeps no times', () => {
  const options = { modifyWindowMs: null };

  it('is compared by content, and gets no times', async () => {
    expect(await planWithTimes(LONG_AGO_MS, 5_000, { options })).toEqual([]);
    const contents = ['one', 'two'] as const;
    expect(await planWithTimes(LONG_AGO_MS, 5_000, { contents, options })).toEqual(['transfer f content']);
  });
});

describe('a file that has grown', () => {
  const whole = bytesOf(60_000);

  it('is appended to if the target has its beginning', async () => {
    const { client, up } = await trees({ local: { log: whole }, remote: { log: whole.subarray(0, 40_000) } });
    const plan = client.planSync(...up);
    expect(await plan.next()).toMatchObject({
      value: { kind: 'append', path: 'log', reason: 'grown', bytes: 20_000, target: { size: 40_000 } },
    });
  });

  it('is sent if the target has another beginning', async () => {
    const { client, up } = await trees({
      local: { log: whole },
      remote: { log: bytesOf(40_001).subarray(1) },
    });
    expect(await linesOf(client.planSync(...up))).toEqual(['transfer log size']);
  });

  it('is sent if it is small, which needs no comparison', async () => {
    const { client, up } = await trees({ local: { log: 'abc' }, remote: { log: 'ab' } });
    expect(await linesOf(client.planSync(...up))).toEqual(['transfer log size']);
  });
});

/** The plan for a file on both sides, to the server and back: both directions compare in the same way. */
async function planWithTimes(
  sourceMs: number,
  targetMs: number,
  {
    contents: [source, target] = ['same', 'same'],
    options = {},
  }: { contents?: readonly [string, string]; options?: PlanOptions } = {},
): Promise<string[]> {
  const up = await trees({ local: { f: source }, remote: { f: target } });
  await fs.utimes(path.join(up.local, 'f'), sourceMs / 1_000, sourceMs / 1_000);
  await fs.utimes(path.join(up.remote, 'f'), targetMs / 1_000, targetMs / 1_000);
  const lines = await linesOf(up.client.planSync(...up.up, options));
  const down = await trees({ local: { f: target }, remote: { f: source } });
  await fs.utimes(path.join(down.local, 'f'), targetMs / 1_000, targetMs / 1_000);
  await fs.utimes(path.join(down.remote, 'f'), sourceMs / 1_000, sourceMs / 1_000);
  const back = await linesOf(down.client.planSync(...down.down, options));
  // Here the target's root gets the time that its change takes away.
  expect(back.filter((line) => line !== 'touch . mtime')).toEqual(lines);
  return lines;
}
