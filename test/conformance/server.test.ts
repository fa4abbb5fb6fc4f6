/** The server plays the conformance kit in every codec, with and without checks of headers. */
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileServer, MemoryStorage } from '../../src/index.js';
import { transcriptsFor } from '../vectors/conformance/kit/files.mjs';
import { refusedTranscripts } from '../vectors/conformance/kit/refused.mjs';
import { playServer } from '../vectors/conformance/kit/server-kit.mjs';
import { codecNames } from '../vectors/conformance/kit/wire.mjs';
import { withConformingMethods } from '../support/servers/conforming-methods.js';
import { serve, temporaryDirectory } from '../support/servers/serve.js';

const variants = [
  ...codecNames.map((codec) => ({ name: codec, codec, checked: false })),
  { name: 'text with checks', codec: 'text', checked: true } as const,
];

describe.each(variants)('the server in $name', ({ codec, checked }) => {
  const server = withConformingMethods(new FileServer({ storage: new MemoryStorage(), udp: true }));
  beforeAll(() => server.listen(0));
  afterAll(() => server.close({ graceMs: 0 }));

  it.each(transcriptsFor('server', codec).map((transcript) => [String(transcript.name), transcript]))(
    '%s',
    async (_name, transcript) => {
      const { port } = server.address() as AddressInfo;
      expect(await playServer(transcript, { port, codec, checked, timeoutMs: 5_000 })).toBeUndefined();
    },
  );
});

describe.each(codecNames)('the server refuses on a connection (%s)', (codec) => {
  it('the vectors that a decoder refuses', async () => {
    const { port } = await serve({ storage: new MemoryStorage() });
    const transcripts = refusedTranscripts(codec);
    expect(transcripts.length).toBeGreaterThan(20);
    for (const transcript of transcripts) await playServer(transcript, { port, codec, timeoutMs: 5_000 });
  });
});

it.each(codecNames)('a server of a directory conforms, too (%s)', async (codec) => {
  const { port } = await serve({ root: await temporaryDirectory() });
  const sections = [
    'upload',
    'append',
    'rename',
    'copy',
    'an-upload-after-a-lost-connection',
    'upload-status',
    'watch',
    'a-download-that-follows-its-file',
  ];
  const transcripts = transcriptsFor('server', codec).filter(({ section }) => sections.includes(section));
  expect(transcripts.length).toBeGreaterThan(30);
  for (const transcript of transcripts) await playServer(transcript, { port, codec, timeoutMs: 5_000 });
});
