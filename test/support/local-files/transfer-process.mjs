// A process that transfers one local file, and can kill or stop itself in the middle.
// It runs the built package: every process would have to compile the sources again.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { FileClient, TransferError } from '../../../dist/index.js';

/** @type {import('./transfer-job.ts').TransferJob} */
const job = JSON.parse(process.argv[2] ?? '');

const udp = job.udpRate === undefined ? {} : { transport: 'udp', udp: { maxRate: job.udpRate } };
const client = new FileClient({ port: job.port, ...udp });
say(await outcome());
await client.close();

async function outcome() {
  try {
    const { size, resumedFrom } = await transfer();
    const { udpBytesSent, udpBytesReceived } = client.stats();
    return { size, resumedFrom, udpBytes: udpBytesSent + udpBytesReceived };
  } catch (error) {
    return { code: error instanceof TransferError ? error.code : String(error) };
  }
}

function transfer() {
  const { path, localPath, overwrite, connections } = job;
  const options = { overwrite, onProgress };
  return job.kind === 'download'
    ? client.downloadFile(path, localPath, { ...options, connections })
    : client.uploadFile(localPath, path, options);
}

function onProgress({ bytes }) {
  if (!job.signal || bytes < job.signal.atBytes) return;
  say({ atBytes: bytes });
  process.kill(process.pid, job.signal.name);
}

// At once, for the process may have no next moment.
function say(word) {
  writeSync(1, `${JSON.stringify(word)}\n`);
}
