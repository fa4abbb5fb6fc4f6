/** Tricks of one codec: the outcome of a correct header with one change. */
import type { CodecName } from '../../../../src/index.js';
import { bytesOf, headerOf } from './loose-encoder.js';
import type { Bytes, LooseFrame } from './loose-frame.js';

/** A way to write a header. */
export interface Trick {
  readonly name: string;
  readonly codec: CodecName;
  /** The changed header, without its line end. */
  readonly instead: (header: Buffer) => Buffer;
  /** The code of the error; undefined if the change has the same meaning. */
  readonly error?: 'EPROTO' | 'EBADMSG';
}

/** A frame with a trick applied. */
export function tricked({ instead }: Trick, said: LooseFrame): Bytes {
  return (codec) => {
    const header = instead(headerOf(said, codec));
    return codec === 'binary' ? header : Buffer.concat([header, bytesOf(lineEnd, codec)]);
  };
}

/** Tricks with lines: each is a name, and a line made of the correct one. */
export function lineTricks(
  codec: CodecName,
  wrong: Readonly<Record<string, (line: string) => string | Buffer>>,
  right: Readonly<Record<string, (line: string) => string | Buffer>> = {},
): Trick[] {
  const trick =
    (error?: 'EPROTO') =>
    ([name, change]: [string, (line: string) => string | Buffer]): Trick => ({
      name: `${codec}: ${name}`,
      codec,
      // Byte by byte, so that invalid UTF-8 is preserved.
      instead: (header) => Buffer.from(change(header.toString('utf8'))),
      ...(error && { error }),
    });
  return [...Object.entries(wrong).map(trick('EPROTO')), ...Object.entries(right).map(trick())];
}

const lineEnd: Bytes = () => Buffer.from('\n');
