/** Which codecs a server takes: all four by default, so that JSON is always among them, and otherwise those of its option. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtinCodecs, type CodecName } from '../../../src/codecs/builtin.js';
import { FileServer, MemoryStorage, type FileServerOptions } from '../../../src/index.js';
import { clientAt } from '../../support/servers/scripted.js';

async function serve(options: FileServerOptions): Promise<number> {
  const server = await new FileServer({ storage: new MemoryStorage(), ...options }).listen(0);
  onTestFinished(() => server.close());
  return server.port;
}

describe('a server', () => {
  it.each(Object.keys(builtinCodecs) as CodecName[])('takes %s without options', async (codec) => {
    const client = clientAt(await serve({}), { codec });
    await client.writeFile('a', 'hello');
    expect(await client.readFile('a', 'utf8')).toBe('hello');
  });

  it('takes JSON no more if its operator names another codec', async () => {
    const port = await serve({ codec: ['text', 'binary'] });
    const client = clientAt(port, { codec: 'json', reconnect: false });
    await expect(client.stat('/')).rejects.toMatchObject({ code: 'EPROTO', retryable: false });
    await expect(clientAt(port, { codec: 'text' }).stat('/')).resolves.toMatchObject({ kind: 'directory' });
  });
});
