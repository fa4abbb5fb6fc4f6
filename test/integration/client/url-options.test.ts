/** What `new FileClient()` takes: options, or a URL with options beside it. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, MemoryStorage, type FileClientOptions } from '../../../src/index.js';
import { serveSecured, trusting } from '../../support/servers/secured.js';
import { serve } from '../../support/servers/serve.js';

function clientOf(url: string | URL, options?: FileClientOptions): FileClient {
  const client = new FileClient(url, options);
  onTestFinished(() => client.destroy());
  return client;
}

describe('a client with a URL', () => {
  it.each(['string', 'URL'])('connects to the host and port of a %s', async (type) => {
    const { port } = await serve({ storage: new MemoryStorage() });
    const url = `tcp://127.0.0.1:${port}`;
    expect(await clientOf(type === 'URL' ? new URL(url) : url).exists('x')).toBe(false);
  });

  it('takes options beside the URL', async () => {
    const { port, server } = await serve({ storage: new MemoryStorage(), codec: 'json' });
    const client = clientOf('tcp://127.0.0.1', { port, codec: 'json', timeouts: { connectMs: 5_000 } });
    expect(await client.exists('x')).toBe(false);
    expect(server.stats().connections).toBe(1);
  });

  it('takes options of TLS beside tls://, and the credentials of the URL', async () => {
    const { port } = await serveSecured({
      authenticate: ({ user, password }) =>
        user === 'ann' && password === 'a b' ? { name: user, permissions: ['list'] } : undefined,
    });
    const client = clientOf(`tls://ann:a%20b@127.0.0.1:${port}`, { tls: trusting, codec: 'text' });
    expect(await client.exists('x')).toBe(false);
  });

  it('accepts a part that the URL and an option name alike', async () => {
    const { port } = await serve({ storage: new MemoryStorage() });
    const same = { host: '127.0.0.1', port, user: 'ann', password: 'secret', tls: false };
    expect(await clientOf(`tcp://ann:secret@127.0.0.1:${port}`, same).exists('x')).toBe(false);
  });

  it('rejects an empty password, which is most likely a variable without a value', () => {
    expect(() => new FileClient('tcp://ann:@127.0.0.1')).toThrow(/password in the URL must not be empty/);
  });

  it.each(['localhost:2121', 'localhost', '127.0.0.1:2121'])('%s is rejected with an example', (url) => {
    expect(() => new FileClient(url)).toThrow(/tcp:\/\/localhost:2121/);
  });

  it.each<[unknown, string]>([
    [2121, '{ port: 2121 }'],
    ['2121', '{ port: 2121 }'],
    ['localhost:2121', "'tcp://localhost:2121'"],
    ['example.org', "'tcp://example.org'"],
    ['[::1]:2121', "'tcp://[::1]:2121'"],
    ['::1', "'tcp://[::1]'"],
    ['/run/x.sock', "{ socketPath: '/run/x.sock' }"],
    ['./x.sock', "{ socketPath: './x.sock' }"],
  ])('says what to write instead of %j', (given, advice) => {
    const create = (): FileClient => new FileClient(given as string);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`Write new FileClient(${advice}).`);
  });

  it.each([null, '', 'ann:secret@host', 'a b', true])('gives an example instead of %j', (given) => {
    const create = (): FileClient => new FileClient(given as string);
    expect(create).toThrow(
      /^FileClient takes a URL such as tcp:\/\/localhost:2121 [^@]*such as \{ host, port \}\.$/,
    );
  });

  it.each<[string, FileClientOptions, RegExp]>([
    ['tcp://a', { host: 'b' }, /URL names the host 'a', but the option host is 'b'/],
    ['tcp://a:1', { port: 2 }, /URL names the port 1, but the option port is 2/],
    ['tcp://ann@a', { user: 'bob' }, /URL names the user 'ann', but the option user is 'bob'/],
    ['tcp://a', { tls: true }, /begins with tcp:\/\/, but the option tls is true/],
    ['tcp://a', { tls: {} }, /begins with tcp:\/\/, but the option tls is an object/],
    ['tls://a', { tls: false }, /begins with tls:\/\/, but the option tls is false/],
    ['tcp://a', { socketPath: 'x' }, /only one of them/],
    ['tcp://a', { codc: 'text' } as FileClientOptions, /no option codc/],
  ])('rejects %s beside %j', (url, options, message) => {
    for (const given of [url, new URL(url)]) {
      expect(() => new FileClient(given, options)).toThrow(TypeError);
      expect(() => new FileClient(given, options)).toThrow(message);
    }
  });

  it('shows no password in the error about two of them', () => {
    const create = (): FileClient => new FileClient('tcp://ann:first@a', { password: 'second' });
    expect(create).toThrow('The URL and the option password name different passwords.');
  });

  it('rejects a second argument after options', () => {
    const FileClientOfAnything = FileClient as new (...all: unknown[]) => FileClient;
    expect(() => new FileClientOfAnything({ port: 1 }, { codec: 'text' })).toThrow(/first one is a URL/);
  });
});
