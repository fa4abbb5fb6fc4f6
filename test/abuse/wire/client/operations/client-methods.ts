/** Answers of methods that lie: values that are not JSON, bodies of other sizes, streams whose end is wrong. */
import { cancels, DONE, fails, hears, type ClientCase, type Step } from '../../abuse-case.js';
import { data, frame, type LooseFrame, type Value } from '../../frames/loose-frame.js';
import { BEGUN, CONTENT_DATA, CONTENT_END, opened, output, sumOf } from '../client-frames.js';
import { CONTENT_SUM } from '../client-requests.js';

type Fields = Readonly<Record<string, Value | undefined>>;
type Name = readonly [string, ClientCase['fate']];

const MAX = Number.MAX_SAFE_INTEGER;
const WRONG = fails('EPROTO');
const VALUE = '{"a":1}';

function call([name, fate]: Name, ...says: readonly Step[]): ClientCase {
  return { name: `a call ${name}`, wish: 'call', says: [...BEGUN, ...says], fate };
}

function listed([name, fate]: Name, value: string): ClientCase {
  const says = [...BEGUN, frame('result', { id: 1, value })];
  return { name: `a list of methods ${name}`, wish: 'methods', says, fate };
}

function stream([name, fate]: Name, ...says: readonly Step[]): ClientCase {
  return { name: `a stream method ${name}`, wish: 'stream', says: [...BEGUN, ...says], fate };
}

/** Texts that are not the JSON of a value. */
const noValues = [
  '',
  '{',
  'undefined',
  'NaN',
  '01',
  "'a'",
  '{"a":1}}',
  '{"__proto__":{"isAdmin":true}}',
  '[{"\\u005f_proto__":1}]',
  `${'['.repeat(65)}${']'.repeat(65)}`,
  '['.repeat(8_000),
];

/** Values that a caller can get, and that are not the expected one. */
const otherValues = ['{"constructor":{"prototype":{"a":1}}}', '1e999', 'null', '[]', '"x"'];

/** A value as a body. */
function body(
  name: Name,
  text: string | Uint8Array,
  { accept = {}, result = {} }: Record<string, Fields> = {},
) {
  const size = Buffer.byteLength(text);
  return call(
    [`whose body ${name[0]}`, name[1]],
    frame('accept', { id: 1, size, checksum: 'crc32', ...accept }),
    ...(size > 0 ? [data(1, text)] : []),
    frame('result', { id: 1, bytes: size, checksum: sumOf(text), ...result }),
  );
}

const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const damaged = fails('EBADMSG');
const refused = [cancels('EPROTO'), cancels('EMSGSIZE')];

const bodies = [
  body(['is right', DONE], VALUE),
  body(['is not JSON', WRONG], '{'),
  body(['is empty', WRONG], ''),
  body(['is too deep', WRONG], deep),
  body(['has a __proto__', WRONG], '{"__proto__":1}'),
  body(['is not UTF-8', WRONG], Buffer.from('22ff22', 'hex')),
  ...[0, 6].map((size) => body([`is announced with ${size} bytes`, refused], VALUE, { accept: { size } })),
  body(['is announced with a byte more', WRONG], VALUE, { accept: { size: 8 } }),
  body(['is announced with all bytes there are', cancels('EMSGSIZE')], VALUE, { accept: { size: MAX } }),
  body(['is announced without a size', cancels('EPROTO')], VALUE, { accept: { size: undefined } }),
  ...['none', 'md5', '__proto__', undefined].map((checksum) =>
    body([`has the algorithm ${checksum}`, cancels('EPROTO')], VALUE, { accept: { checksum } }),
  ),
  ...[0, 6, MAX].map((bytes) => body([`ends with ${bytes} bytes`, damaged], VALUE, { result: { bytes } })),
  body(['ends without a count', damaged], VALUE, { result: { bytes: undefined } }),
  body(['ends without a checksum', WRONG], VALUE, { result: { checksum: undefined } }),
  body(['ends with another checksum', damaged], VALUE, { result: { checksum: 'crc32:00000000' } }),
  // The value of the body counts.
  body(['ends with another value', DONE], VALUE, { result: { value: '2' } }),
];

const calls = [
  call(['that is right', DONE], frame('result', { id: 1, value: VALUE })),
  ...noValues.map((value) =>
    call([`whose value is ${value.slice(0, 20)}`, WRONG], frame('result', { id: 1, value })),
  ),
  call(['that begins without accept', cancels('EPROTO')], data(1, VALUE)),
  call(['with an end', cancels('EPROTO')], frame('end', { id: 1, size: 0 })),
  call(['that fails with a code that is none', WRONG], frame('error', { id: 1, code: '' })),
  call(['that fails with a code of its own', fails('EMYOWN')], frame('error', { id: 1, code: 'EMYOWN' })),
];

const item = (fields: object): string =>
  JSON.stringify([{ name: 'm', kind: 'call', permission: 'call', idempotent: false, ...fields }]);

const lists = [
  listed(['that is right', DONE], item({ later: [1] })),
  ...[...noValues, ...otherValues.filter((value) => value !== '[]'), '[null]', '[[]]', '[1]', '[{}]'].map(
    (value) => listed([`that is ${value.slice(0, 20)}`, WRONG], value),
  ),
  ...['name', 'kind', 'permission'].map((name) =>
    listed([`with a number as ${name}`, WRONG], item({ [name]: 1 })),
  ),
];

const end = (fields: Fields): LooseFrame =>
  frame('end', { id: 1, size: 5, checksum: CONTENT_SUM, ...fields });
const ENDED = hears('end', 1);

const streams = [
  stream(['that is right', DONE], opened(), CONTENT_DATA, CONTENT_END, ENDED, output),
  ...noValues.map((value) =>
    stream(
      [`whose output is ${value.slice(0, 20)}`, WRONG],
      opened(),
      CONTENT_DATA,
      CONTENT_END,
      ENDED,
      frame('result', { id: 1, value }),
    ),
  ),
  ...['none', 'md5', '__proto__', undefined].map((checksum) =>
    stream([`with the algorithm ${checksum}`, cancels('EPROTO')], opened({ checksum })),
  ),
  stream(['without a window', cancels('EPROTO')], opened({ window: undefined })),
  ...[0, 4, 6, MAX].map((size) =>
    stream([`that ends with ${size} bytes`, cancels('EBADMSG')], opened(), CONTENT_DATA, end({ size })),
  ),
  stream(
    ['that ends with another checksum', cancels('EBADMSG')],
    opened(),
    CONTENT_DATA,
    end({ checksum: 'crc32:00000000' }),
  ),
  ...['md5:0', 'crc32', '', undefined].map((checksum) =>
    stream(
      [`that ends with the checksum ${checksum}`, cancels('EPROTO')],
      opened(),
      CONTENT_DATA,
      end({ checksum }),
    ),
  ),
  stream(['that ends twice', cancels('EPROTO')], opened(), CONTENT_DATA, CONTENT_END, CONTENT_END),
  stream(['with data after its end', cancels('EPROTO')], opened(), CONTENT_DATA, CONTENT_END, CONTENT_DATA),
  stream(
    ['of ten thousand empty pieces', DONE],
    opened(),
    ...Array<Step>(10_000).fill(data(1, '')),
    CONTENT_DATA,
    CONTENT_END,
    output,
  ),
];

/** All of them. */
export const clientMethodCases: readonly ClientCase[] = [...calls, ...bodies, ...lists, ...streams];
