/** The types of methods: one interface for both ends. */
import type { Duplex } from 'node:stream';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type AnyMethods,
  type CallName,
  type Identity,
  type StreamName,
} from '../../../src/index.js';

interface Api {
  thumbnail(input: { path: string; width?: number }): { path: string };
  count(): number;
  touch(path: string): void;
  find(text?: string): Promise<string[]>;
  logs(input: { since: string }): Duplex;
}

interface Member extends Identity {
  readonly team: string;
}

describe('an interface of methods', () => {
  it('separates the methods that are called from those that are streams', () => {
    expectTypeOf<CallName<Api>>().toEqualTypeOf<'thumbnail' | 'count' | 'touch' | 'find'>();
    expectTypeOf<StreamName<Api>>().toEqualTypeOf<'logs'>();
    expectTypeOf<CallName<AnyMethods>>().toEqualTypeOf<string>();
    expectTypeOf<StreamName<AnyMethods>>().toEqualTypeOf<string>();
  });

  it('gives a client its names, inputs and outputs', async () => {
    const client = new FileClient<Api>();
    // Never run: only its types count.
    const use = async (): Promise<void> => {
      expectTypeOf(await client.call('thumbnail', { path: 'a' })).toEqualTypeOf<{ path: string }>();
      expectTypeOf(await client.call('count')).toEqualTypeOf<number>();
      expectTypeOf(await client.call('count', undefined, { timeoutMs: 1 })).toEqualTypeOf<number>();
      expectTypeOf(client.remote.touch).returns.resolves.toBeVoid();
      await client.remote.touch('a');
      expectTypeOf(await client.remote.find()).toEqualTypeOf<string[]>();
      // @ts-expect-error: there is no such method
      await client.call('other');
      // @ts-expect-error: a stream method cannot be called
      await client.call('logs', { since: '' });
      expectTypeOf(client.remote).not.toHaveProperty('logs');
      // @ts-expect-error: the input is required
      await client.call('thumbnail');
      // @ts-expect-error: the input has another type
      await client.remote.thumbnail({ path: 1 });
      // @ts-expect-error: the method has no input
      await client.call('count', 1);
    };
    expect(use).toBeTypeOf('function');
    await client.close();
  });

  it('gives a server the types of its handlers', async () => {
    const server = new FileServer<Api, Member>({
      storage: new MemoryStorage(),
      authenticate: () => ({ name: 'ann', team: 'red' }),
    });
    server.method('thumbnail', ({ path, width }, { identity, storage, signal }) => {
      expectTypeOf(path).toEqualTypeOf<string>();
      expectTypeOf(width).toEqualTypeOf<number | undefined>();
      expectTypeOf(identity).toEqualTypeOf<Member | undefined>();
      expectTypeOf(storage.stat).toBeFunction();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return { path };
    });
    server.method('find', { idempotent: true }, async () => ['a']);
    // @ts-expect-error: the output has another type
    server.method('count', () => 'one');
    // @ts-expect-error: there is no such method
    server.method('other', () => 1);
    // @ts-expect-error: a stream method is no function of values
    server.method('logs', () => 1);
    await server.close();
  });

  it('must have functions only', () => {
    // @ts-expect-error: an identity is no interface of methods
    new FileServer<Member>();
  });

  it('is optional: without it every name is allowed, and outputs are unknown', async () => {
    const client = new FileClient();
    const call = (): Promise<unknown> => client.call('anything', { a: 1 });
    expectTypeOf(call).returns.resolves.toBeUnknown();
    expectTypeOf(client.remote['anything']).not.toBeAny();
    await client.close();
    const typed: FileClient = new FileClient<Api>();
    await typed.close();
  });
});
