/** The types of stream methods, from the interface that both ends share. */
import type { Duplex } from 'node:stream';
import { expect, expectTypeOf, it } from 'vitest';
import { FileClient, FileServer, MemoryStorage, type MethodStream } from '../../../src/index.js';
import { connectionTo } from '../../support/servers/serve.js';

interface Api {
  add(input: { a: number }): number;
  log(input?: { since: string }): Duplex;
  count(input: { of: string }): MethodStream<{ bytes: number }>;
}

it('names, inputs and outputs are those of the interface', async () => {
  const server = new FileServer<Api>({ storage: new MemoryStorage() });
  server.streamMethod('count', (_duplex, { of }) => ({ bytes: of.length }));
  server.streamMethod('log', { timeoutMs: 1_000 }, (duplex, input) => {
    expectTypeOf(input).toEqualTypeOf<{ since: string } | undefined>();
    duplex.write('log');
  });
  // @ts-expect-error A method that is called is no stream method.
  expect(() => server.streamMethod('add', {}, 1)).toThrow(TypeError);
  const client = new FileClient<Api>({ connect: () => connectionTo(server as unknown as FileServer) });
  const { result } = client.open('count', { of: 'abc' });
  expectTypeOf(result).toEqualTypeOf<Promise<{ bytes: number }>>();
  expect(await result).toEqual({ bytes: 3 });
  expectTypeOf(client.open('log').result).toEqualTypeOf<Promise<unknown>>();
  // @ts-expect-error The input is required.
  await expect(client.open('count').result).rejects.toMatchObject({ code: 'EIO' });
  // @ts-expect-error A method that is called is no stream method.
  await expect(client.open('add', { a: 1 }).result).rejects.toMatchObject({ code: 'ENOENT' });
  client.destroy();
  await server.close();
});

it('a method of the other kind is EINVAL, and values that JSON would change are refused by the caller', async () => {
  const server = new FileServer({ storage: new MemoryStorage() });
  server.method('call', () => 1).streamMethod('stream', () => 1);
  const client = new FileClient({ connect: () => connectionTo(server) });
  await expect(client.open('call').result).rejects.toMatchObject({ code: 'EINVAL' });
  await expect(client.call('stream')).rejects.toMatchObject({ code: 'EINVAL' });
  expect(() => client.open('stream', { a: [NaN] })).toThrow('input.a[0]');
  expect(() => client.open('no name')).toThrow(TypeError);
  await expect(client.open('stream', 'x'.repeat(9_000)).result).rejects.toMatchObject({ code: 'EMSGSIZE' });
  const kinds: string[] = [];
  for await (const { name, kind } of client.methods()) kinds.push(`${name} ${kind}`);
  expect(kinds).toEqual(['call call', 'stream stream']);
  client.destroy();
  await server.close();
});

it('an output that is no JSON value, or too long, fails the stream', async () => {
  const server = new FileServer({ storage: new MemoryStorage() });
  server.streamMethod('wrong', () => 1n).streamMethod('long', () => 'x'.repeat(9_000));
  const client = new FileClient({ connect: () => connectionTo(server) });
  await expect(client.open('wrong').result).rejects.toMatchObject({ code: 'EIO' });
  await expect(client.open('long').result).rejects.toMatchObject({ code: 'EMSGSIZE' });
  client.destroy();
  await server.close();
});
