/** The files of transcripts. */
import { readFileSync } from 'node:fs';

export const serverFiles = [
  'connections',
  'channels',
  'operations',
  'resume',
  'sessions',
  'methods',
  'streams',
  'batch',
  'udp',
];
export const clientFiles = [
  'requests',
  'transfers',
  'connections',
  'closing',
  'methods',
  'streams',
  'watch',
  'batch',
  'udp',
];

/** The transcripts for one end in a codec. @param {'server' | 'client'} end @param {string} codec @returns {any[]} */
export function transcriptsFor(end, codec) {
  const names = end === 'server' ? serverFiles : clientFiles;
  const transcripts = names.flatMap((name) => {
    const file = new URL(`../${end}/${name}.json`, import.meta.url);
    return JSON.parse(readFileSync(file, 'utf8')).transcripts;
  });
  return transcripts.filter(({ codecs = [codec] }) => codecs.includes(codec));
}
