/** The codec of an input. */
import type { CodecName } from '../../../src/index.js';

const beginnings: Readonly<Record<number, CodecName>> = { 0x7b: 'json', 0x3c: 'xml', 0xfe: 'binary' };

/** The codec that the first byte selects, so that it depends on the input alone. */
export function spokenIn([first]: Buffer): CodecName {
  return beginnings[first ?? 0] ?? 'text';
}
