/** Sends the bytes of the refused vectors to a server: each ends its connection. */
import { readFileSync } from 'node:fs';
import { playServer } from './server-kit.mjs';

/**
 * The refused vectors of a codec as transcripts. Those of a limit have limits of their own, which no connection has.
 * @param {import('./wire.mjs').CodecName} codec @returns {any[]}
 */
export function refusedTranscripts(codec) {
  const file = new URL(`../refused-${codec}.json`, import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, 'utf8'));
  const usable = vectors.filter((/** @type {any} */ { code }) => code !== 'EMSGSIZE');
  return usable.map((/** @type {any} */ { name, bytes, code }) => ({
    name: `refused ${name}`,
    section: 'values',
    steps: [{ raw: { hex: bytes } }, { fails: code }],
  }));
}

/** Plays all of them. @param {import('./server-kit.mjs').ServerOptions} options */
export async function playRefused(options) {
  for (const transcript of refusedTranscripts(options.codec)) {
    await playServer(transcript, options).catch((error) => {
      throw new Error(`${transcript.name}: ${error.message}`);
    });
  }
}
