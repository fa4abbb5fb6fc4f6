import { expect, it } from 'vitest';
import * as limits from '../../../src/protocol/limits.js';
import { parseRemotePath } from '../../../src/protocol/remote-path.js';
import { CompletedUploads } from '../../../src/server/uploads/completed-uploads.js';

const path = parseRemotePath('file');
const uploadLimits = { maxSuspendedUploads: 3, suspendedExpiryMs: 1_000 };

it('results are kept for an account up to a number, and not at the cost of another account', () => {
  const uploads = new CompletedUploads(uploadLimits);
  uploads.keep('other', { path, result: {}, account: 'other' });
  for (const id of ['1', '2', '3', '4']) uploads.keep(id, { path, result: {}, account: 'flood' });
  const known = ['other', '1', '2', '3', '4'].filter((id) => uploads.resultOf(id, path) !== undefined);
  expect(known).toEqual(['other', '2', '3', '4']);
});

it('results are kept for an account up to a number of bytes', () => {
  const uploads = new CompletedUploads({ ...uploadLimits, maxSuspendedUploads: 1_000 });
  const result = { etag: 'e'.repeat(100_000) };
  for (let id = 1; id <= 30; id++) uploads.keep(String(id), { path, result, account: 'flood' });
  expect(uploads.size).toBe(Math.floor(limits.MAX_SESSION_ANSWER_BYTES / 200_776));
  expect(uploads.resultOf('30', path)).toBeDefined();
});

it('results of all accounts are kept up to a number of bytes', () => {
  const uploads = new CompletedUploads(uploadLimits);
  const result = { etag: 'e'.repeat(500_000) };
  for (let id = 1; id <= 100; id++) uploads.keep(String(id), { path, result, account: String(id) });
  expect(uploads.size).toBe(Math.floor(limits.MAX_ANSWER_BYTES / 1_000_776));
});

it('results expire', () => {
  let now = 0;
  const uploads = new CompletedUploads(uploadLimits, () => now);
  uploads.keep('1', { path, result: {}, account: 'a' });
  now = 999;
  expect(uploads.resultOf('1', path)).toEqual({});
  now = 1_000;
  expect(uploads.resultOf('1', path)).toBeUndefined();
  expect(uploads.size).toBe(0);
});

it('a result is that of its path, and the latest of its id', () => {
  const uploads = new CompletedUploads(uploadLimits);
  uploads.keep('1', { path, result: { size: 1 }, account: 'a' });
  uploads.keep('1', { path, result: { size: 2 }, account: 'a' });
  expect(uploads.resultOf('1', path)).toEqual({ size: 2 });
  expect(uploads.resultOf('1', parseRemotePath('other'))).toBeUndefined();
  uploads.forget('1');
  expect(uploads.resultOf('1', path)).toBeUndefined();
});
