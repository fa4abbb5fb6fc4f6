import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it, vi } from 'vitest';
import { TransferError, withCallStack, withOutcome } from '../src/errors.js';

/** The class of another copy of the package. */
async function otherClass(): Promise<typeof TransferError> {
  vi.resetModules();
  const copy = await import('../src/errors.js');
  expect(copy.TransferError).not.toBe(TransferError);
  return copy.TransferError;
}

class LoginError extends TransferError {
  readonly attempts = 3;
}

describe('instanceof TransferError, and TransferError.is()', () => {
  it('is true for errors of another copy of the package, in both directions', async () => {
    const Other = await otherClass();
    const [mine, theirs] = [new TransferError('ENOENT'), new Other('ENOENT')];
    expect(Object.getPrototypeOf(theirs)).not.toBe(TransferError.prototype);
    for (const error of [mine, theirs]) {
      expect([error instanceof TransferError, error instanceof Other]).toEqual([true, true]);
      expect([TransferError.is(error), Other.is(error)]).toEqual([true, true]);
    }
    expect(TransferError.from(theirs)).toBe(theirs);
    expect(TransferError.from(theirs, { path: 'a' })).toMatchObject({ code: 'ENOENT', path: 'a' });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'ENOENT'],
    ['a number', 1],
    ['a symbol', Symbol.for('socket-ftp.TransferError')],
    ['a function', () => undefined],
    ['the class', TransferError],
    ['an object with the same properties', Object.assign({}, new TransferError('ENOENT'))],
    ['an error of the system', Object.assign(new Error('ENOENT'), { code: 'ENOENT' })],
    ['a proxy that has every property', new Proxy({}, { has: () => true, get: () => 'yes' })],
    ['an object without a prototype', Object.create(null)],
  ])('is false for %s', (_, value) => {
    expect(value instanceof TransferError).toBe(false);
    expect(TransferError.is(value)).toBe(false);
  });

  it('is true for a subclass and a proxy of an error; an error is not of a subclass for that', () => {
    const [plain, login] = [new TransferError('EAUTH'), new LoginError('EAUTH')];
    expect([login instanceof TransferError, login instanceof LoginError]).toEqual([true, true]);
    expect([plain instanceof LoginError, new Proxy(plain, {}) instanceof TransferError]).toEqual([
      false,
      true,
    ]);
    expect([plain instanceof Error, plain instanceof TypeError]).toEqual([true, false]);
  });

  it('narrows a type', () => {
    const caught: unknown = new TransferError('EBUSY');
    if (!TransferError.is(caught)) throw new Error('It is one.');
    expect(caught.retryable).toBe(true);
    if (caught instanceof LoginError) expect(caught.attempts).toBe(3);
  });

  it('adds nothing to what an error shows', () => {
    const error = new TransferError('ENOENT');
    expect(Object.getOwnPropertySymbols(error)).toEqual([]);
    expect(Object.keys(error)).toEqual([
      'name',
      'code',
      'reason',
      'path',
      'operation',
      'retryable',
      'outcomeUnknown',
      'retryAfterMs',
      'details',
    ]);
  });
});

describe('retryAfterMs', () => {
  it('is undefined unless it was given, and kept by every copy', () => {
    expect(new TransferError('EAGAIN').retryAfterMs).toBeUndefined();
    const error = new TransferError('EAGAIN', 'Later.', { retryAfterMs: 7 });
    expect(TransferError.from(error, { path: 'a', operation: 'stat' }).retryAfterMs).toBe(7);
    expect(withOutcome(error, true).retryAfterMs).toBe(7);
    expect(withCallStack(error)).toMatchObject({ retryAfterMs: 7 });
  });
});

describe('a TransferError that is sent to another thread', () => {
  const error = new TransferError('ENOENT', 'No report.', {
    path: 'a',
    operation: 'stat',
    cause: new Error('why'),
  });

  function posted(value: unknown): unknown {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(value);
    const received = receiveMessageOnPort(port2);
    port1.close();
    return (received as { message: unknown }).message;
  }

  it('arrives as an Error with its message and cause only, as Node copies errors', () => {
    for (const copy of [structuredClone(error), posted(error), deserialize(serialize(error)) as unknown]) {
      expect(copy).toBeInstanceOf(Error);
      expect(TransferError.is(copy)).toBe(false);
      expect(copy).toMatchObject({ message: "ENOENT: No report. (stat 'a')", cause: { message: 'why' } });
      expect(copy).not.toHaveProperty('code');
    }
  });

  it('arrives with all properties but the cause as a copy of its properties, from which it can be made again', () => {
    for (const copy of [
      structuredClone(Object.assign({}, error)),
      posted(Object.assign({}, error)),
      JSON.parse(JSON.stringify(error)),
    ]) {
      const sent = copy as TransferError;
      const again = new TransferError(sent.code, sent.reason, sent);
      expect(again.message).toBe(error.message);
      expect(Object.assign({}, again)).toEqual(Object.assign({}, error));
    }
  });
});
