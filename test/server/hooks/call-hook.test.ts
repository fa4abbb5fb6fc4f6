import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/errors.js';
import { hookError } from '../../../src/server/hooks/call-hook.js';

describe('the error of a hook', () => {
  it('keeps code, reason and time of a TransferError, but not its outcome', () => {
    const thrown = new TransferError('EAGAIN', 'Later.', { retryAfterMs: 5_000, outcomeUnknown: true });
    expect(hookError('before', thrown)).toMatchObject({
      code: 'EAGAIN',
      reason: 'Later.',
      retryable: true,
      retryAfterMs: 5_000,
      outcomeUnknown: false,
      cause: thrown,
    });
  });

  it('hides the error of a system call, whose code says nothing of the request', async () => {
    const thrown: unknown = await readFile('/does/not/exist').catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'ENOENT' });
    expect(hookError('before', thrown)).toMatchObject({ code: 'EIO', retryable: false, cause: thrown });
  });

  it.each([
    ['an abort', new DOMException('Aborted.', 'AbortError')],
    ['a cancellation', new TransferError('ECANCELED')],
    ['a mistake of the program', new TypeError('x is not a function')],
    ['a code that is not in the table', Object.assign(new Error('?'), { code: 'ENOTATHING' })],
    ['undefined', undefined],
  ])('is EIO after %s', (_what, thrown) => {
    expect(hookError('before', thrown)).toMatchObject({ code: 'EIO', retryable: false });
  });

  it('is never a time-out after which a client repeats a transfer by itself', () => {
    expect(hookError('before', new TransferError('ETIMEDOUT'))).toMatchObject({ retryable: false });
  });
});
