/** The bytes of an abusive frame, in each codec. */
import type { CodecName } from '../../../../src/index.js';
import { looseHeader } from './loose-binary.js';
import type { Word } from './loose-frame.js';
import { looseLine } from './loose-lines.js';

/** The bytes of a word. */
export function bytesOf(word: Word, codec: CodecName): Buffer {
  if (typeof word === 'function') return Buffer.from(word(codec));
  const { payload = NOTHING, bare = false } = word;
  if (codec === 'binary') return Buffer.concat([looseHeader(word), payload]);
  const trailer = word.payload === undefined || bare ? NOTHING : LINE_END;
  return Buffer.concat([looseLine(codec, word), LINE_END, payload, trailer]);
}

/** The bytes of a frame without the end of its line: the base for tricks of a codec. */
export function headerOf(word: Word, codec: CodecName): Buffer {
  const bytes = bytesOf(word, codec);
  return codec === 'binary' ? bytes : bytes.subarray(0, -1);
}

const NOTHING = Buffer.alloc(0);
const LINE_END = Buffer.from('\n');
