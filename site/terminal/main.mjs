// @ts-check
/** `npm run docs:picture`: records the commands of the scene, and draws docs/command-line.svg. It needs tmux, and a free port 2121. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { record } from './record.mjs';
import { terminalSvg } from './terminal-svg.mjs';
import { timeline } from './timeline.mjs';

const root = path.join(import.meta.dirname, '../..');
const file = path.join(root, 'docs/command-line.svg');
const lines = timeline(await record(path.join(root, 'dist/cli.js')));
const title =
  'A server is started; a download is interrupted and continued; a directory is made equal to another.';
await writeFile(file, terminalSvg(lines, title));
console.log(`Written: ${path.relative('.', file)}, ${lines.length} lines.`);
