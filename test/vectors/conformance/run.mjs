/**
 * Plays the conformance kit.
 *
 *     node run.mjs server --port 2121 [--host localhost] [--codec text] [--checked] [--only name] [--user ann --password secret]
 *     node run.mjs client --codec text [--only name] -- command of the driver
 *
 * Without --codec: in all four. The exit code is the number of transcripts that failed, 100 at most.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { playClient } from './kit/client-kit.mjs';
import { transcriptsFor } from './kit/files.mjs';
import { refusedTranscripts } from './kit/refused.mjs';
import { playServer } from './kit/server-kit.mjs';
import { codecNames } from './kit/wire.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string' },
    port: { type: 'string', default: '2121' },
    codec: { type: 'string' },
    checked: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    user: { type: 'string' },
    password: { type: 'string' },
    timeout: { type: 'string', default: '10000' },
  },
});
const [end, ...driver] = positionals;
const codecs = codecNames.filter((name) => values.codec === undefined || name === values.codec);
let failed = 0;

for (const codec of codecs) {
  for (const transcript of transcriptsFor(end === 'client' ? 'client' : 'server', codec))
    await run(codec, transcript);
  if (end === 'client') continue;
  for (const transcript of refusedTranscripts(codec)) await run(codec, transcript);
}
console.log(failed === 0 ? 'All transcripts were played.' : `${failed} failed.`);
process.exitCode = Math.min(failed, 100);

/** @param {import('./kit/wire.mjs').CodecName} codec @param {any} transcript */
async function run(codec, transcript) {
  await report(codec, transcript.name, () =>
    end === 'client'
      ? playClient(transcript, {
          codec,
          drive: (command, port) => drive({ ...command, codec }, port),
          timeoutMs: Number(values.timeout),
        })
      : playServer(transcript, serverOptions(codec)),
  );
}

/** @param {import('./kit/wire.mjs').CodecName} codec */
function serverOptions(codec) {
  const { host, user, password, checked } = values;
  const login = user === undefined ? {} : { user, ...(password !== undefined && { password }) };
  return {
    codec,
    port: Number(values.port),
    timeoutMs: Number(values.timeout),
    checked,
    login,
    ...(host !== undefined && { host }),
  };
}

/** @param {string} codec @param {string} name @param {() => Promise<string | void>} play */
async function report(codec, name, play) {
  if (!name.includes(values.only)) return;
  try {
    const missing = await play();
    console.log(
      missing === undefined ? `ok      ${codec}: ${name}` : `skipped ${codec}: ${name} (needs ${missing})`,
    );
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${codec}: ${name}\n${error instanceof Error ? error.message : error}`);
  }
}

/** The driver reads the command as JSON from its input, and writes the outcome. @param {any} command @param {number} port */
async function drive(command, port) {
  const [program = '', ...args] = driver;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ ...command, host: '127.0.0.1', port }));
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(output);
}
