/** Headers of the PROXY protocol, by bytes, and how they arrive. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parseProxyHeader } from '../../../../src/server/connection/proxy-protocol/parse-proxy-header.js';
import { readProxyHeader } from '../../../../src/server/connection/proxy-protocol/read-proxy-header.js';
import {
  extension,
  ipv4,
  ipv6,
  SIGNATURE,
  version1,
  version2,
  type Version2,
} from '../../../support/frames/proxy-headers.js';

const V6 = '20010db8000000000000000000000007';
const unix = Buffer.alloc(216, 'a');

/** Each header that is accepted, and the client that it announces. */
const accepted: [name: string, header: Buffer, source: object | undefined][] = [
  [
    'version 1, TCP4',
    version1('TCP4 203.0.113.7 192.0.2.1 56324 2121'),
    { address: '203.0.113.7', port: 56_324 },
  ],
  [
    'version 1, the longest TCP4',
    version1('TCP4 255.255.255.255 255.255.255.255 65535 65535'),
    { address: '255.255.255.255', port: 65_535 },
  ],
  ['version 1, TCP6', version1('TCP6 2001:db8::7 ::1 0 2121'), { address: '2001:db8::7', port: 0 }],
  ['version 1, UNKNOWN', version1('UNKNOWN'), undefined],
  ['version 1, UNKNOWN with addresses', version1('UNKNOWN ffff::1 ffff::2 1 x'), undefined],
  ['version 1, UNKNOWN of 107 bytes', version1(`UNKNOWN ${'x'.repeat(91)}`), undefined],
  [
    'version 2, TCP over IPv4',
    version2({ addresses: ipv4('203.0.113.7', 56_324) }),
    { address: '203.0.113.7', port: 56_324 },
  ],
  [
    'version 2, TCP over IPv6',
    version2({ family: 0x21, addresses: ipv6(V6, 443) }),
    { address: '2001:db8:0:0:0:0:0:7', port: 443 },
  ],
  [
    'version 2 with extensions, one of them of no known type',
    version2({
      addresses: ipv4('198.51.100.1', 1),
      extensions: Buffer.concat([extension(0xea, Buffer.alloc(25, 1)), extension(0x04, Buffer.alloc(0))]),
    }),
    { address: '198.51.100.1', port: 1 },
  ],
  [
    'version 2 of 4,096 bytes',
    version2({ addresses: ipv4('198.51.100.1', 1), extensions: extension(0x04, Buffer.alloc(4_065)) }),
    { address: '198.51.100.1', port: 1 },
  ],
  ['version 2, LOCAL', version2({ command: 0x20, family: 0 }), undefined],
  [
    'version 2, LOCAL with a family and bytes, which mean nothing',
    version2({ command: 0x20, family: 0xff, addresses: unix }),
    undefined,
  ],
  ['version 2, UNSPEC', version2({ family: 0 }), undefined],
  ['version 2, Unix', version2({ family: 0x31, addresses: unix }), undefined],
  [
    'version 2, UDP, whose addresses are not of this connection',
    version2({ family: 0x12, addresses: ipv4('203.0.113.7', 1) }),
    undefined,
  ],
];

/** Bytes with which no header begins, or whose header is wrong. */
const refused: [name: string, bytes: Buffer][] = [
  ['a hello in text', Buffer.from('hello version=1\n')],
  ['TLS', Buffer.from([22, 3, 1, 0, 0])],
  ['version 1 in lower case', Buffer.from('proxy TCP4 203.0.113.7 192.0.2.1 1 2\r\n')],
  ...[
    'TCP4 203.0.113.7 192.0.2.1 1',
    'TCP4 203.0.113.7 192.0.2.1 1 2 3',
    'TCP4 203.0.113.7 192.0.2.1 1 2 ',
    'TCP4  203.0.113.7 192.0.2.1 1 2',
    'TCP4 203.0.113.07 192.0.2.1 1 2',
    'TCP4 203.0.113 192.0.2.1 1 2',
    'TCP4 203.0.113.256 192.0.2.1 1 2',
    'TCP4 203.0.113.7 192.0.2.x 1 2',
    'TCP4 203.0.113.7 192.0.2.1 01 2',
    'TCP4 203.0.113.7 192.0.2.1 65536 2',
    'TCP4 203.0.113.7 192.0.2.1 -1 2',
    'TCP4 203.0.113.7 192.0.2.1 1 99999',
    'TCP4 203.0.113.7 192.0.2.1 1 2\0',
    'TCP4 2001:db8::7 ::1 1 2',
    'TCP6 203.0.113.7 192.0.2.1 1 2',
    'TCP6 fe80::1%lo ::1 1 2',
    'TCP6 ::1::2 ::1 1 2',
    'UDP4 203.0.113.7 192.0.2.1 1 2',
    'UNKNOWNX',
    'tcp4 203.0.113.7 192.0.2.1 1 2',
    'toString 203.0.113.7 192.0.2.1 1 2',
    '',
    'UNKNOWN\rTCP4',
    `UNKNOWN ${'x'.repeat(92)}`,
  ].map((line): [string, Buffer] => [`version 1: ${line}`, version1(line)]),
  ['version 1 that ends with LF alone', Buffer.from('PROXY UNKNOWN\n')],
  ['version 1 that ends with CR alone', Buffer.from('PROXY UNKNOWN\rx')],
  ['version 1 without an end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(93)}`)],
  ['another signature', Buffer.concat([SIGNATURE.subarray(0, 11), Buffer.alloc(5)])],
  ...(
    [
      ['version 1 in binary', { command: 0x11 }],
      ['version 3', { command: 0x31 }],
      ['an unknown command', { command: 0x22 }],
      ['an unknown family', { family: 0x41 }],
      ['an unknown transport', { family: 0x13 }],
      ['addresses of IPv4 that are too short', { length: 11 }],
      ['addresses of IPv6 that are too short', { family: 0x21, length: 35 }],
      ['addresses of Unix that are too short', { family: 0x31, length: 215 }],
      ['4,097 bytes', { length: 4_081 }],
      ['65,551 bytes', { length: 65_535 }],
      ['LOCAL of 4,097 bytes', { command: 0x20, length: 4_081 }],
    ] satisfies [string, Version2][]
  ).map(([name, parts]): [string, Buffer] => [`version 2: ${name}`, version2(parts)]),
];

describe('parseProxyHeader', () => {
  it.each(accepted)('reads %s, and waits for each byte of it', (_, header, source) => {
    for (let length = 0; length < header.length; length += 1) {
      expect(parseProxyHeader(header.subarray(0, length))).toBeUndefined();
    }
    expect(parseProxyHeader(header)).toEqual({ length: header.length, source });
    expect(parseProxyHeader(Buffer.concat([header, header]))).toEqual({ length: header.length, source });
  });

  it.each(refused)('refuses %s', (_, bytes) => {
    expect(() => parseProxyHeader(bytes)).toThrow(expect.objectContaining({ code: 'EPROTO' }));
  });

  it('refuses the first byte that fits no header', () => {
    expect(() => parseProxyHeader(Buffer.from('PROXX'))).toThrow('version 1');
    expect(() => parseProxyHeader(Buffer.from('\r\n\r\r'))).toThrow('signature');
    expect(() => parseProxyHeader(Buffer.from('h'))).toThrow('expects the header');
  });
});

describe('readProxyHeader', () => {
  it.each(accepted)(
    'leaves what follows %s in the stream, whatever the pieces are',
    async (_, header, source) => {
      const bytes = Buffer.concat([header, Buffer.from('hello version=1\n')]);
      for (const size of [1, 2, 3, 7, header.length, bytes.length]) {
        const stream = new PassThrough();
        const read = readProxyHeader(stream);
        await sendIn(stream, bytes, size);
        expect(await read).toMatchObject({ source, refusal: undefined });
        expect(await textOf(stream)).toBe('hello version=1\n');
      }
    },
  );

  it.each(refused)('leaves all bytes in the stream after refusing %s', async (_, bytes) => {
    for (const size of [1, 7, bytes.length]) {
      const stream = new PassThrough();
      const read = readProxyHeader(stream);
      await sendIn(stream, bytes, size);
      expect(await read).toMatchObject({ source: undefined, refusal: { code: 'EPROTO' } });
      expect(await textOf(stream)).toBe(bytes.toString('latin1'));
    }
  });

  it('does not keep a large piece of a client waiting', async () => {
    const stream = new PassThrough({ highWaterMark: 2 ** 20 });
    const body = Buffer.alloc(1_000_000, 'x');
    stream.end(Buffer.concat([version1('UNKNOWN'), body]));
    await readProxyHeader(stream);
    expect(await textOf(stream)).toBe(body.toString());
  });

  it.each(['end', 'destroy'] as const)(
    'rejects with ECONNRESET on %s before the end of the header',
    async (how) => {
      const stream = new PassThrough();
      const read = readProxyHeader(stream);
      stream.write('PROXY TCP4 203.0.113.7');
      stream[how]();
      await expect(read).rejects.toMatchObject({ code: 'ECONNRESET' });
      await expect(readProxyHeader(new PassThrough().destroy())).rejects.toMatchObject({
        code: 'ECONNRESET',
      });
    },
  );
});

async function sendIn(stream: PassThrough, bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    stream.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
}

async function textOf(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}
