/** The files of transcripts. */
import { readFileSync } from 'node:fs';

export const serverFiles = [
  'server-connections',
  'server-channels',
  'server-operations',
  'server-resume',
  'server-sessions',
];
export const clientFiles = ['client-requests', 'client-transfers', 'client-connections'];

/** The transcripts of a file. @param {string} name @returns {any[]} */
export function transcriptsOf(name) {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')).transcripts;
}
