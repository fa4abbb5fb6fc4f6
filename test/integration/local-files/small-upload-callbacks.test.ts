/** Progress events of uploads of small local files, and how a caller aborts them. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answering } from '../../support/servers/answering.js';
import { place } from '../../support/local-files/local-place.js';
import { quick } from '../../support/servers/scripted.js';
import {
  ACCEPTED,
  CHECKSUM,
  clientOf,
  from,
  makeSource,
  refused,
  SIZE,
  STORED,
  stored,
  uploadTo,
} from '../../support/servers/small-uploads.js';
import { until } from '../../support/until.js';
import type { Progress } from '../../../src/index.js';

describe('the upload of a small file', () => {
  it.each([
    [{}, ACCEPTED, 0],
    [{ overwrite: false }, from(4_000), 4_000],
  ])('reports its progress with the options %o', async (options, accept, offset) => {
    const told: [number, number | undefined][] = [];
    const onProgress = ({ bytes: now, total }: Progress): void => void told.push([now, total]);
    const { outcome } = await uploadTo([accept], { ...options, onProgress });
    expect(outcome).toMatchObject(stored);
    expect(told).toEqual([
      [offset, SIZE],
      [SIZE, SIZE],
    ]);
  });

  it('reports progress once for an empty file', async () => {
    const at = await place({});
    fs.writeFileSync(at.local('empty'), '');
    const told: number[] = [];
    await at
      .connect()
      .uploadFile(at.local('empty'), 'empty', { onProgress: ({ bytes: now }) => void told.push(now) });
    expect(told).toEqual([0]);
    expect(fs.readFileSync(at.remote('empty'))).toHaveLength(0);
  });

  it.each([0, SIZE])('fails with the error that a listener throws at byte %i', async (byte) => {
    const mistake = new RangeError('a mistake of the caller');
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now === byte) throw mistake;
    };
    const { port, opens, ends } = await answering({ opens: [ACCEPTED], end: `${STORED}${CHECKSUM}\n` });
    const client = clientOf(port);
    const source = await makeSource();
    await expect(client.uploadFile(source, 'small', { onProgress })).rejects.toBe(mistake);
    await client.uploadFile(source, 'small');
    // That of the second one.
    expect(ends).toHaveLength(1);
    const [lastId] = /id=\d+ /.exec(opens.at(-1) ?? '') ?? [];
    expect(ends[0]).toContain(`end ${lastId}`);
  });

  it.each([0, SIZE])('is aborted by a signal, also from a listener at byte %i', async (byte) => {
    const controller = new AbortController();
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now === byte) controller.abort();
    };
    const { outcome, ends } = await uploadTo([ACCEPTED], { onProgress, signal: controller.signal });
    expect(outcome).toMatchObject(refused('ECANCELED'));
    expect(ends).toEqual([]);
  });

  it('fails at its time limit', async () => {
    const { outcome } = await uploadTo([], { timeoutMs: 50, end: '' });
    expect(outcome).toMatchObject(refused('ETIMEDOUT'));
  });

  it('fails when the client is destroyed', async () => {
    const { port, ends } = await answering({ opens: [] });
    const client = clientOf(port, { reconnect: quick });
    const upload = client.uploadFile(await makeSource(), 'small');
    void until(() => ends.length > 0).then(() => client.destroy());
    await expect(upload).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });
});
