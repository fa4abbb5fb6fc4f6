/**
 * Measures a directory of many small files, up and down, beside rsync's daemon and tar through a socket: node test/bench/trees.mjs
 * [files] [files a directory] [rounds]. All of a round run one after another, on a file system in memory if there is one. `dist/` must be built.
 */
import { execFileSync, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [files = 20_000, perDirectory = 100, rounds = 3] = process.argv.slice(2).map(Number);
const bytes = 1024;
const end = fileURLToPath(new URL('trees/end.mjs', import.meta.url));
const base = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'socket-ftp-trees-'));
const [source, target] = [path.join(base, 'source'), path.join(base, 'target')];

makeTree();
try {
  const measured = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await measureAll());
  report(measured);
} finally {
  rmSync(base, { recursive: true, force: true });
}

function makeTree() {
  const content = Buffer.alloc(bytes);
  for (let index = 0; index < files; index += 1) {
    const directory = path.join(source, `d${Math.floor(index / perDirectory)}`);
    if (index % perDirectory === 0) mkdirSync(directory, { recursive: true });
    content.writeUInt32LE(index);
    writeFileSync(path.join(directory, `f${index}`), content);
  }
}

async function measureAll() {
  const results = {};
  for (const way of ['up', 'down']) {
    results[`socket-ftp ${way}`] = await measure(() => own(way));
    const rsync = await measure(() => rsyncDaemon(way));
    if (rsync) results[`rsync ${way}`] = rsync;
  }
  results['tar'] = await measure(tar);
  return results;
}

/** Seconds of a run into an empty target, and what it returns. @param {() => Promise<object | undefined>} run */
async function measure(run) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const startedMs = performance.now();
  const extra = await run();
  if (!extra) return undefined;
  const seconds = 'seconds' in extra ? extra.seconds : (performance.now() - startedMs) / 1_000;
  execFileSync('diff', ['-r', source, target]);
  return { ...extra, seconds };
}

/** @param {string} way */
async function own(way) {
  const server = fork(end, ['server', way === 'up' ? target : source]);
  const port = await message(server);
  const client = fork(end, ['client', way, way === 'up' ? source : target, String(port)]);
  const { seconds, rss, cpuSeconds } = /** @type {Ended} */ (await message(client));
  server.send('end');
  const { rss: serverRss, cpuSeconds: serverCpu } = /** @type {Ended} */ (await message(server));
  return { seconds, cpuSeconds: cpuSeconds + serverCpu, clientMiB: rss, serverMiB: serverRss };
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<any>} */
function message(child) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`An end has exited with ${code}.`)));
  });
}

/** @param {string} way */
async function rsyncDaemon(way) {
  const config = path.join(base, 'rsyncd.conf');
  writeFileSync(
    config,
    `use chroot = no\n[m]\npath = ${base}\nread only = no\nuid = ${process.getuid?.()}\n`,
  );
  const port = freePort();
  const daemon = spawn(
    'rsync',
    ['--daemon', '--no-detach', `--config=${config}`, '--address=127.0.0.1', `--port=${port}`],
    {
      // A pipe of Node is a socket, on which the daemon would serve instead of its port.
      stdio: 'ignore',
    },
  );
  const failed = new Promise((resolve) => daemon.once('error', () => resolve(false)));
  if ((await Promise.race([failed, listening(port)])) === false) return undefined;
  const url = `rsync://127.0.0.1:${port}/m`;
  const startedMs = performance.now();
  const [from, to] = way === 'up' ? [`${source}/`, `${url}/target/`] : [`${url}/source/`, `${target}/`];
  const times = execFileSync('sh', ['-c', 'rsync -a "$0" "$1" && times', from, to], { encoding: 'utf8' });
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuSeconds = childSeconds(times) + (await ofChildren(daemon.pid ?? 0));
  daemon.kill();
  return { seconds, cpuSeconds };
}

/** The CPU time of the children of a shell, of what its command `times` writes. @param {string} times */
function childSeconds(times) {
  const [, children = ''] = times.split('\n');
  const found = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  return found.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

/** The CPU time in seconds of the ended children of a process, of which there is one soon. @param {number} pid */
async function ofChildren(pid) {
  for (let tries = 0; tries < 50; tries += 1) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ticks = Number(fields[13]) + Number(fields[14]);
    if (ticks > 0) return ticks / 100;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return NaN;
}

async function tar() {
  // Otherwise the server ends before tar does.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const unpacking = spawn('tar', ['-xf', '-', '-C', target], { stdio: ['pipe', 'ignore', 'inherit'] });
    socket.pipe(unpacking.stdin);
    unpacking.once('close', () => socket.end());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = createConnection({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
  spawn('tar', ['-cf', '-', '-C', source, '.']).stdout.pipe(socket);
  socket.resume();
  await new Promise((resolve) => socket.once('end', resolve));
  server.close();
  return {};
}

/** A port that the system gives no other program. */
function freePort() {
  return 10_000 + Math.floor(Math.random() * 20_000);
}

/** @param {number} port */
async function listening(port) {
  for (;;) {
    const isThere = await new Promise((resolve) => {
      const socket = createConnection({ port, host: '127.0.0.1' });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * What an end tells at its end.
 * @typedef {{ seconds: number, rss: number, cpuSeconds: number }} Ended
 */

/**
 * What a run has measured.
 * @typedef {{ seconds: number, cpuSeconds?: number, clientMiB?: number, serverMiB?: number }} Measured
 */

/** @param {Record<string, Measured>[]} measured */
function report(measured) {
  for (const name of Object.keys(measured[0] ?? {})) {
    const runs = measured.flatMap((round) => round[name] ?? []);
    const seconds = median(runs.map((run) => run.seconds));
    const beside = `rsync ${name.split(' ')[1] ?? 'down'}`;
    const ratio = (/** @type {'seconds' | 'cpuSeconds'} */ of) =>
      median(measured.map((round) => (round[name]?.[of] ?? NaN) / (round[beside]?.[of] ?? NaN))).toFixed(2);
    const peak = (/** @type {'clientMiB' | 'serverMiB'} */ of) =>
      Math.max(...runs.map((run) => run[of] ?? 0));
    const cpuMicroseconds = (median(runs.map((run) => run.cpuSeconds ?? NaN)) / files) * 1e6;
    console.log(
      name.padEnd(16),
      `${seconds.toFixed(2)} s`.padStart(9),
      `${Math.round(files / seconds)} files/s`.padStart(16),
      `${ratio('seconds')} x rsync`.padStart(14),
      `  CPU ${cpuMicroseconds.toFixed(0)} us/file, ${ratio('cpuSeconds')} x rsync`.padEnd(36),
      peak('clientMiB') > 0 ? `  peak MiB: client ${peak('clientMiB')}, server ${peak('serverMiB')}` : '',
    );
  }
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
