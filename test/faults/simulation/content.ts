/** The bytes of versions. A version is called by its size, as `v300`; a file of several, as `v300+v20`. */
import { crc32 } from 'node:zlib';
import { bytesOf } from '../../support/bytes.js';

/** The bytes of a version, or of several joined. */
export function contentOf(versions: string): Buffer {
  const sizes = versions.split('+').map((version) => Number(version.slice(1)));
  return Buffer.concat(sizes.map((size) => bytesOf(size, size + 1)));
}

/** What `stat` can tell of a file that consists of versions. */
export function sizeText(versions: string): string {
  const sizes = versions.split('+').map((version) => Number(version.slice(1)));
  return `${sizes.reduce((sum, size) => sum + size, 0)} bytes`;
}

/** What a download can tell of it. */
export function contentText(versions: string): string {
  return textOfBytes(contentOf(versions));
}

/** The same of bytes. */
export function textOfBytes(bytes: Uint8Array): string {
  return `${bytes.length} bytes with the sum ${crc32(bytes)}`;
}
