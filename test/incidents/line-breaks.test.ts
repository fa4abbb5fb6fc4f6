/** Many: CR and LF in names and messages became commands, or lines of their own. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { TransferError, type CodecName, type Storage } from '../../src/index.js';
import type { Frame } from '../../src/protocol.js';
import { serve, temporaryDirectory } from '../support/servers/serve.js';
import { storageWith } from '../support/servers/unfriendly.js';
import { Wire } from '../support/frames/wire.js';

const codecs = Object.keys(builtinCodecs) as CodecName[];
const breaks = ['\r', '\n', '\r\n', '\u0085', '\0', '\u001b'];
const injected = 'open id=3 op=remove path=file';

describe.each(codecs)('many: a line break in %s', (codec) => {
  it.each(breaks)('is rejected in every path that a client sends: %j', async (character) => {
    const { server, connect } = await serve({ root: await temporaryDirectory() });
    const client = connect({ codec });
    const name = `a${character}${injected}`;
    const asked = [
      client.stat(name),
      client.mkdir(name),
      client.rename('a', name),
      client.writeFile(name, ''),
    ];
    const codes = asked.map((each: Promise<unknown>) =>
      each.then(
        () => '',
        (error: unknown) => (error as TransferError).code,
      ),
    );
    expect(await Promise.all(codes)).toEqual(['EILSEQ', 'EILSEQ', 'EILSEQ', 'EILSEQ']);
    expect(server.stats().failedRequests).toBe(0);
  });

  it.each(breaks)('never reaches the peer from a message or an etag of a storage: %j', async (character) => {
    const message = `no${character}${injected}`;
    const storage: Storage = storageWith({
      stat: () => Promise.reject(new TransferError('EIO', message)),
    });
    const { connect } = await serve({ storage });
    const error: unknown = await connect({ codec })
      .stat('x')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EIO' });
    expect(String(error)).not.toContain(character);
  });
});

describe('many: a line break', () => {
  it.skipIf(process.platform === 'win32')('in a name on the disk is not listed', async () => {
    const root = await temporaryDirectory();
    for (const character of breaks.filter((each) => each !== '\0')) {
      await writeFile(path.join(root, `a${character}b`), '');
    }
    await writeFile(path.join(root, 'c'), '');
    const { connect } = await serve({ root });
    const found: string[] = [];
    for await (const entry of connect().list()) found.push(entry.path);
    expect(found).toEqual(['c']);
  });

  it.each([
    ['text', 'open id=1 op=stat path=a%0d%0aopen\n'],
    ['text', 'open id=1 op=stat path=a\ropen\n'],
    ['json', '{"type":"open","id":1,"op":"stat","path":"a\\r\\nopen"}\n'],
    ['json', '{"type":"open","id":1,"op":"stat","path":"a\\u0085open"}\n'],
    ['xml', '<open id="1" op="stat" path="a&#13;&#10;open"/>\n'],
    ['xml', '<open id="1" op="stat" path="a\ropen"/>\n'],
  ] as const)('in %s closes the connection, and starts no request: %j', async (codec, line) => {
    const { server, port } = await serve({ root: await temporaryDirectory() });
    const wire = await Wire.connect(port);
    wire.send(Buffer.concat([builtinCodecs[codec].encode(hello), Buffer.from(line)]));
    expect(await wire.rest()).toMatch(/EPROTO/);
    expect(server.stats()).toMatchObject({ servedRequests: 0, failedRequests: 0 });
  });
});

const hello: Frame = { type: 'hello', version: 1 };
