import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkedSteps } from '../../../src/cli/compare/plan/checked-steps.js';
import type { CommandContext } from '../../../src/cli/runner/command-context.js';
import { TransferError, type FileClient } from '../../../src/index.js';

it('rejects once if a side cannot be looked at while the plan is still read', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'socket-ftp-plan-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'plan');
  const step = { kind: 'delete', path: 'a', reason: 'extra', bytes: 0, entry: 'file' };
  // So long that its line arrives in many pieces.
  const long = { kind: 'problem', path: 'b', reason: 'kind', bytes: 0, message: 'x'.repeat(4_000_000) };
  const lines = [step, long].map((action) => JSON.stringify({ v: 1, event: 'step', action }));
  await writeFile(file, `${lines.join('\n')}\n`);
  const client = {
    stat: () => Promise.reject(new TransferError('ECONNRESET')),
  } as unknown as FileClient;
  const context = { output: {}, signal: new AbortController().signal } as unknown as CommandContext;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): number => unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);
  onTestFinished(() => void process.off('unhandledRejection', onUnhandled));
  const places = { from: { local: folder }, to: { remote: '/' } };
  await expect(checkedSteps({ file, client, places, context })).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(unhandled).toEqual([]);
});
