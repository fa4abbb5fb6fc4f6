/** Wrong inputs of methods, and wrong bodies of calls. */
import { crc32 } from 'node:zlib';
import { alive, hears, type ServerCase, type Step } from '../abuse-case.js';
import { data, frame, type Value } from '../frames/loose-frame.js';
import { HELLO } from './server-fields.js';

/** A call of the method `echo`, what follows it, and how it ends. */
function call(
  end: string | readonly string[],
  fields: Readonly<Record<string, Value>>,
  ...more: readonly Step[]
): ServerCase {
  const said = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value).slice(0, 40)}`);
  return {
    name: `call ${said.join(' ')}${more.length > 0 ? ` and ${more.length} frames` : ''}`,
    says: [HELLO, frame('open', { id: 1, op: 'call', method: 'echo', ...fields }), ...more],
    fate: [end].flat().map((one) => alive({ 1: one })),
  };
}

const body = (text: string, checksum = `crc32:${crc32(text).toString(16).padStart(8, '0')}`): Step[] => [
  data(1, text),
  frame('end', { id: 1, size: text.length, checksum }),
];

const SMALL = { size: 3, checksum: 'crc32' };

const values: readonly (readonly [string, string])[] = [
  ['', 'EINVAL'],
  ['{', 'EINVAL'],
  ['undefined', 'EINVAL'],
  ['NaN', 'EINVAL'],
  ['01', 'EINVAL'],
  ["'a'", 'EINVAL'],
  ['{"__proto__":{"isAdmin":true}}', 'EINVAL'],
  ['[{"\\u005f_proto__":1}]', 'EINVAL'],
  [`${'['.repeat(65)}${']'.repeat(65)}`, 'EINVAL'],
  ['['.repeat(8_000), 'EINVAL'],
  [`${'['.repeat(64)}${']'.repeat(64)}`, 'result'],
  ['{"constructor":{"prototype":{"a":1}}}', 'result'],
  ['1e999', 'EIO'],
  ['-0', 'EIO'],
];

/** All of them. */
export const serverCallCases: readonly ServerCase[] = [
  ...values.map(([value, end]) => call(end, { value })),
  ...['', 'none', '__proto__', 'constructor', 'toString', 'x'.repeat(5_000)].map((method) =>
    call('ENOENT', { method, value: '1' }),
  ),
  call(['EPROTO', 'result'], { value: '1' }, ...body('123')),
  // The answer may come before the body.
  call(['EPROTO', 'result'], {}, ...body('123')),
  call('EINVAL', { ...SMALL, value: '1' }, ...body('123')),
  call('EINVAL', { size: 3 }, ...body('123')),
  call('ENOTSUP', { size: 3, checksum: 'md5' }, ...body('123')),
  call('result', SMALL, ...body('123')),
  call('EBADMSG', SMALL, ...body('12')),
  call('EBADMSG', SMALL, ...body('1234')),
  call('EBADMSG', SMALL, ...body('123', 'crc32:00000000')),
  call('EINVAL', SMALL, ...body('123', `sha256:${'0'.repeat(64)}`)),
  call('EMSGSIZE', { size: Number.MAX_SAFE_INTEGER, checksum: 'crc32' }),
  call('EMSGSIZE', { size: 1_048_577, checksum: 'crc32' }, data(1, 'x'.repeat(65_536))),
  call(['EBADMSG', 'EFLOOD'], SMALL, data(1, 'x'.repeat(65_536)), data(1, 'x')),
  call('EINVAL', { requestId: 1 }),
  call('open', { size: 100_000, checksum: 'crc32' }, hears('ack', 1)),
];
