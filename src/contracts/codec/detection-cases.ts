/** The cases of the codec contract about `detect`. */
import assert from 'node:assert/strict';
import type { Codec } from '../../codecs/codec.js';
import type { ContractCase } from '../contract-case.js';

const WITHIN_BYTES = 16;

const foreign = {
  'a TLS ClientHello': Buffer.from('16030100c8010000c403036a1f0c5d2b4e', 'hex'),
  'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n'),
  'an SSH client': Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
  zeros: Buffer.alloc(32),
};

/** The cases about `detect`; none for a codec without it. */
export function detectionCases(codec: Codec): ContractCase[] {
  if (codec.detect === undefined) return [];
  const detect = (bytes: Uint8Array): boolean | undefined => codec.detect?.(bytes);
  const hello = codec.encode({ type: 'hello', version: 1, agent: 'contract' });
  return [
    {
      name: 'it detects its own hello within 16 bytes, and rejects no prefix of it',
      run() {
        let wasDetected = false;
        for (let length = 0; length <= hello.length; length++) {
          const verdict = detect(hello.subarray(0, length));
          assert.notEqual(verdict, false);
          assert.ok(!wasDetected || verdict === true, 'a longer prefix is not detected any more');
          wasDetected = verdict === true;
          assert.ok(wasDetected || length < WITHIN_BYTES, 'the hello is not detected within 16 bytes');
        }
      },
    },
    {
      name: 'it does not decide without any bytes',
      run: () => assert.equal(detect(new Uint8Array()), undefined),
    },
    ...Object.entries(foreign).map(([name, bytes]) => ({
      name: `it does not detect ${name}`,
      run: () => assert.equal(detect(bytes.subarray(0, WITHIN_BYTES)), false),
    })),
  ];
}
