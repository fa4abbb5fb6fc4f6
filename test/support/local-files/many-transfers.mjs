// A process that uploads and downloads many local files at once, and prints the outcomes.
// It runs the built package: every process would have to compile the sources again.
import process from 'node:process';
import { FileClient } from '../../../dist/index.js';

const [directory, port, count] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count) }, (_, index) => index);
const client = new FileClient({ port: Number(port) });
const uploads = await outcomes(
  numbers.map((n) => client.uploadFile(`${directory}/source-${n}`, `file-${n}`)),
);
const downloads = await outcomes(
  numbers.map((n) => client.downloadFile(`file-${n}`, `${directory}/target-${n}`)),
);
process.stdout.write(JSON.stringify({ uploads, downloads }));
await client.close();

async function outcomes(promises) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { status, reason } of await Promise.allSettled(promises)) {
    const word = status === 'fulfilled' ? 'done' : reason.code;
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}
