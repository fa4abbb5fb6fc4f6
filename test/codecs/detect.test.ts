import { describe, expect, test } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import type { Codec } from '../../src/codecs/codec.js';
import { detectCodec } from '../../src/codecs/detect.js';
import { defineLineCodec } from '../../src/codecs/lines/line-codec.js';

const codecs: Codec[] = Object.values(builtinCodecs);

function detect(bytes: string | Uint8Array, among = codecs) {
  return detectCodec(among, Buffer.from(bytes as string));
}

describe('codec detection', () => {
  test.each(codecs)('recognises $name by every prefix of its hello, and never as another codec', (codec) => {
    const hello = codec.encode({ type: 'hello', version: 1 });
    for (let length = 0; length <= hello.length; length++) {
      expect([undefined, codec]).toContain(detect(hello.subarray(0, length)));
    }
    expect(detect(hello.subarray(0, 16))).toBe(codec);
  });

  test('decides at the first byte, and for text at the first word', () => {
    expect(detect('{')).toBe(builtinCodecs.json);
    expect(detect('<')).toBe(builtinCodecs.xml);
    expect(detect(Buffer.of(0xfe))).toBe(builtinCodecs.binary);
    expect(detect('hello')).toBeUndefined();
    expect(detect('hello ')).toBe(builtinCodecs.text);
  });

  test.each(['GET / HTTP/1.1', '\u0016\u0003\u0001', 'SSH-2.0', 'help', 'hello\n', ' ', '\0', '\n', '['])(
    'rejects a connection that begins with %j',
    (text) => expect(detect(text)).toBeNull(),
  );

  test('rejects at the first byte a connection that no codec can start with', () => {
    const known = [0x7b, 0x3c, 0x68, 0xfe];
    for (let byte = 0; byte < 256; byte++) {
      if (!known.includes(byte)) expect(detect(Buffer.of(byte))).toBeNull();
    }
  });

  test('asks the codecs in order, and waits for an earlier codec that is undecided', () => {
    const greedy = codecThat(() => true);
    expect(detect('{', [greedy, ...codecs])).toBe(greedy);
    expect(detect('{', [...codecs, greedy])).toBe(builtinCodecs.json);
    expect(detect('hel', [builtinCodecs.text, greedy])).toBeUndefined();
    expect(detect('help', [builtinCodecs.text, greedy])).toBe(greedy);
  });

  test('skips a codec that is undecided after 16 bytes', () => {
    const unsure = codecThat(() => undefined);
    expect(detect('x'.repeat(15), [unsure])).toBeUndefined();
    expect(detect('x'.repeat(16), [unsure])).toBeNull();
  });

  test('never selects a codec without detect', () => {
    const mute = defineLineCodec({ name: 'mute', format: () => '', parse: () => new Map() });
    expect(detect('hello ', [mute])).toBeNull();
  });
});

function codecThat(detect: () => boolean | undefined): Codec {
  return defineLineCodec({ name: 'other', format: () => '', parse: () => new Map(), detect });
}
