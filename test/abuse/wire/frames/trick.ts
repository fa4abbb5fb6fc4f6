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
  /** Whether the change has the same meaning; EPROTO otherwise. */
  readonly isRight: boolean;
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
    (isRight: boolean) =>
    ([name, change]: [string, (line: string) => string | Buffer]): Trick => ({
      name: `${codec}: ${name}`,
      codec,
      // Byte by byte, so that invalid UTF-8 is preserved.
      instead: (header) => Buffer.from(change(header.toString('utf8'))),
      isRight,
    });
  return [...Object.entries(wrong).map(trick(false)), ...Object.entries(right).map(trick(true))];
}

const lineEnd: Bytes = () => Buffer.from('\n');
