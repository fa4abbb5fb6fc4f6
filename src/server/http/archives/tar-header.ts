/**
 * The headers of a tar archive, in the format ustar; what does not fit into one is in a header of pax before it.
 *
 *     [pax header, its records] header, bytes of the file, zeros up to the next block ... two blocks of zeros
 */

/** Bytes of a block: each header and each file fills whole blocks. */
const TAR_BLOCK_BYTES = 512;

/** The end of an archive. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK_BYTES);

export interface TarEntry {
  /** With `/`. That of a directory ends with one. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly size: number;
  readonly mtime: Date;
  readonly mode: number | undefined;
}

/** The largest number in an octal field of 11 digits. */
const MAX_OCTAL = 0o77777777777;

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** The header of an entry, with all that precedes its bytes. */
export function tarHeader(entry: TarEntry): Buffer {
  const seconds = Math.floor(entry.mtime.getTime() / 1_000);
  const place = placeOf(entry.path);
  const records = [
    ...(place ? [] : [record('path', entry.path)]),
    ...(entry.size > MAX_OCTAL ? [record('size', String(entry.size))] : []),
    ...(seconds < 0 || seconds > MAX_OCTAL ? [record('mtime', String(seconds))] : []),
  ];
  const block = header({
    ...(place ?? { name: asciiOf(entry.path).slice(-NAME_BYTES), prefix: '' }),
    type: entry.kind === 'directory' ? '5' : '0',
    mode: entry.mode ?? (entry.kind === 'directory' ? 0o755 : 0o644),
    size: entry.size > MAX_OCTAL ? 0 : entry.size,
    seconds: Math.min(Math.max(0, seconds), MAX_OCTAL),
  });
  return records.length === 0 ? block : Buffer.concat([paxHeader(records), block]);
}

/** The zeros that follow a file of `size` bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES);
}

interface HeaderFields {
  readonly name: string;
  readonly prefix: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly seconds: number;
}

function header({ name, prefix, type, mode, size, seconds }: HeaderFields): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  block.write(name, 0, 'latin1');
  block.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1');
  block.write(`${octal(size, 11)}\0${octal(seconds, 11)}\0`, 124, 'latin1');
  // The sum counts its own field as spaces.
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 329, 'latin1');
  block.write(prefix, 345, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** The two fields of a path; undefined if it needs a record of pax. */
function placeOf(path: string): { name: string; prefix: string } | undefined {
  if (!/^[ -~]*$/.test(path)) return undefined;
  if (path.length <= NAME_BYTES) return { name: path, prefix: '' };
  // The slash between both is in neither; the last one of a directory stays in its name.
  for (
    let slash = path.indexOf('/');
    slash >= 0 && slash <= PREFIX_BYTES;
    slash = path.indexOf('/', slash + 1)
  ) {
    const name = path.slice(slash + 1);
    if (slash > 0 && name.length > 0 && name.length <= NAME_BYTES)
      return { name, prefix: path.slice(0, slash) };
  }
  return undefined;
}

function asciiOf(path: string): string {
  return path.replaceAll(/[^ -~]/g, '_');
}

/** A record of pax begins with its own length in bytes, of which the digits are a part. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length += 1;
  return `${length}${rest}`;
}

function paxHeader(records: readonly string[]): Buffer {
  const body = Buffer.from(records.join(''));
  const block = header({
    name: 'PaxHeaders/next',
    prefix: '',
    type: 'x',
    mode: 0o644,
    size: body.length,
    seconds: 0,
  });
  return Buffer.concat([block, body, tarPadding(body.length)]);
}
