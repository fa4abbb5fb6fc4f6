/** Tricks of one notation: what becomes of a header that is right when one thing in it is changed. */
import type { CodecName } from '../../../src/index.js';
import { bytesOf, headerOf } from './loose-encoder.js';
import type { Bytes, LooseFrame } from './loose-frame.js';

/** A way to write a header. */
export interface Trick {
  readonly name: string;
  readonly codec: CodecName;
  /** The header, without its line end, as it is said instead. */
  readonly instead: (header: Buffer) => Buffer;
  /** Whether it is another way to say the same; else it is EPROTO. */
  readonly isRight: boolean;
}

/** A frame as a trick says it. */
export function tricked({ instead }: Trick, said: LooseFrame): Bytes {
  return (codec) => {
    const header = instead(headerOf(said, codec));
    return codec === 'binary' ? header : Buffer.concat([header, bytesOf(lineEnd, codec)]);
  };
}

/** Tricks with lines: each is a name, and a line made of the one that is right. */
export function lineTricks(
  codec: CodecName,
  wrong: Readonly<Record<string, (line: string) => string | Buffer>>,
  right: Readonly<Record<string, (line: string) => string | Buffer>> = {},
): Trick[] {
  const trick =
    (isRight: boolean) =>
    ([name, change]: [string, (line: string) => string | Buffer]): Trick => ({
      name: `${codec}: ${name}`,
      codec,
      // Byte by byte, so that what is no UTF-8 stays what it is.
      instead: (header) => Buffer.from(change(header.toString('utf8'))),
      isRight,
    });
  return [...Object.entries(wrong).map(trick(false)), ...Object.entries(right).map(trick(true))];
}

const lineEnd: Bytes = () => Buffer.from('\n');
