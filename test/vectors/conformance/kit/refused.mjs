/** Sends the bytes of the refused vectors to a server: each ends its connection. */
import { readFileSync } from 'node:fs';

/**
 * The refused vectors of a codec as transcripts. Those of a limit have limits of their own, which no connection has.
 * @param {import('./wire.mjs').CodecName} codec @returns {any[]}
 */
export function refusedTranscripts(codec) {
  const file = new URL(`../../refused-${codec}.json`, import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, 'utf8'));
  const usable = vectors.filter((/** @type {any} */ { code }) => code !== 'EMSGSIZE');
  return usable.map((/** @type {any} */ { name, bytes, code }) => ({
    name: `refused ${name}`,
    section: 'values',
    // Where headers are checked, one that cannot be read counts as damaged.
    steps: [{ raw: { hex: bytes } }, { fails: { unchecked: code, checked: [code, 'EBADMSG'] } }],
  }));
}
