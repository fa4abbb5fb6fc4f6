/** Tricks of the binary codec. A header that declares more bytes than it has is followed by zeros. */
import { looseField, sealed, tag, varint } from './loose-binary.js';
import type { Trick } from './trick.js';

type Change = (header: Buffer) => Buffer;

const FIXED_BYTES = 18;

/** With other bytes in the fixed header, whose CRC is right. */
const fixed =
  (at: number, hex: string): Change =>
  (header) => {
    const bytes = Buffer.from(hex, 'hex');
    return sealed(Buffer.concat([header.subarray(0, at), bytes, header.subarray(at + bytes.length)]));
  };

/** With more fields, as they are. */
const plus =
  (...fields: readonly (Buffer | string)[]): Change =>
  (header) => {
    const added = Buffer.concat(
      fields.map((field) => (typeof field === 'string' ? Buffer.from(field, 'hex') : field)),
    );
    const longer = Buffer.concat([header, added]);
    longer.writeUInt16BE(longer.length - FIXED_BYTES, 2);
    return sealed(longer);
  };

/** With a changed byte and a matching CRC. */
const flipped =
  (at: number): Change =>
  (header) => {
    const copy = Buffer.from(header);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };

/** The number of an unknown field. */
const FUTURE = 500;

/** The tag of an unknown field. */
const unknown = (wireType: number): Buffer => tag(FUTURE, wireType);

/** Bytes that are no header, or whose CRC is wrong. */
const damaged: Readonly<Record<string, Change>> = {
  'another first byte': fixed(0, 'fd'),
  'a first byte of text': fixed(0, '68'),
  'a first byte of JSON': fixed(0, '7b'),
  'a wrong CRC': flipped(14),
  'a wrong CRC at its end': flipped(17),
  'a flipped type': flipped(1),
  'a flipped id': flipped(13),
  'a flipped length': flipped(7),
  'a flipped field': (header) => (header.length > FIXED_BYTES ? flipped(FIXED_BYTES) : flipped(13))(header),
  'a CRC of nothing': (header) =>
    Buffer.concat([header.subarray(0, 14), Buffer.alloc(4), header.subarray(18)]),
  'fields that are longer than they are': (header) => {
    const copy = Buffer.from(header);
    copy.writeUInt16BE(copy.length - FIXED_BYTES + 40, 2);
    return Buffer.concat([sealed(copy), Buffer.alloc(40)]);
  },
  'fields that are shorter than they are': (header) => {
    const copy = Buffer.from(header);
    copy.writeUInt16BE(copy.length - FIXED_BYTES - 1, 2);
    return copy;
  },
  'a zero between frames': (header) => Buffer.concat([Buffer.from([0]), header]),
  'a line end between frames': (header) => Buffer.concat([Buffer.from('\n'), header]),
  text: () => Buffer.from('ping token=1\n'),
  JSON: () => Buffer.from('{"type":"ping","token":1}\n'),
};

/** Headers with a right CRC that break a rule. */
const wrong: Readonly<Record<string, Change>> = {
  'a payload where there is none': fixed(4, '00000005'),
  'a payload of 4 GiB where there is none': fixed(4, 'ffffffff'),
  'a field 0': plus('0001'),
  'a field 1, which is the id': plus(looseField(1, 1)),
  'a field 2, which is the length': plus(looseField(2, 5)),
  'a field twice': plus(looseField(FUTURE, 1), looseField(FUTURE, 1)),
  'a field twice, of two types': plus(looseField(FUTURE, 1), looseField(FUTURE, 'a')),
  'an integer without its end': plus(unknown(0), 'ff'),
  'an integer of nothing': plus(unknown(0)),
  'an integer with a byte too many': plus(unknown(0), varint(1n, true)),
  'a zero in two bytes': plus(unknown(0), '8000'),
  'an integer of 2^53': plus(unknown(0), varint(2n ** 53n)),
  'an integer of 2^64': plus(unknown(0), varint(2n ** 64n)),
  'an integer of a hundred bytes': plus(unknown(0), Buffer.alloc(100, 0xff), '01'),
  'an integer of eight bytes that is overlong': plus(unknown(0), 'ffffffffffffff00'),
  'a text of nothing': plus(unknown(1)),
  'a text that is longer than the header': plus(unknown(1), '05', '61'),
  'a text of 2^53 - 1 bytes': plus(unknown(1), varint(2n ** 53n - 1n), '61'),
  'a text of 2^32 bytes': plus(unknown(1), varint(2n ** 32n), '61'),
  'a text whose length is overlong': plus(unknown(1), '8100', '61'),
  'a text that is no UTF-8': plus(unknown(1), '01', 'ff'),
  'a text of half a character': plus(unknown(1), '01', 'c3'),
  'a text of an overlong character': plus(unknown(1), '02', 'c0af'),
  'a text of a surrogate': plus(unknown(1), '03', 'eda080'),
  'a byte at the end of the fields': plus('00'),
  'fields of zeros': plus(Buffer.alloc(1_000)),
  'fields of 255': plus(Buffer.alloc(1_000, 0xff)),
  'an offset that is a text': plus(looseField(11, 'x')),
  'an offset that is true': plus(looseField(11, true)),
  'a checksum that is an integer': plus(looseField(18, 1)),
};

const right: Readonly<Record<string, Change>> = {
  'an unknown integer': plus(looseField(FUTURE, 2 ** 53 - 1)),
  'an unknown text': plus(looseField(FUTURE, 'text')),
  'fields of other frames, of any type': plus(looseField(23, 'x'), looseField(3, true), looseField(21, 1)),
  'an unknown flag': plus(looseField(FUTURE, true), looseField(FUTURE + 1, false)),
  'a hundred unknown fields': plus(...Array.from({ length: 100 }, (_, at) => looseField(FUTURE + at, at))),
};

const tricksOf = (changes: Readonly<Record<string, Change>>, error?: 'EPROTO' | 'EBADMSG'): Trick[] =>
  Object.entries(changes).map(([name, instead]) => ({
    name: `binary: ${name}`,
    codec: 'binary',
    instead,
    ...(error && { error }),
  }));

export const binaryTricks: readonly Trick[] = [
  ...tricksOf(damaged, 'EBADMSG'),
  ...tricksOf(wrong, 'EPROTO'),
  ...tricksOf(right),
];
