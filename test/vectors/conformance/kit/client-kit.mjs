/** Plays transcripts as a server, against a client that does what it is told. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Connection } from './connection.mjs';
import { bytesOf, mismatch } from './patterns.mjs';
import { Player } from './player.mjs';

/**
 * What a client is told, and what came of it.
 * @typedef {{ do: string, path?: string, to?: string, content?: any, [option: string]: any }} Command
 * @typedef {{ result: any } | { error: string }} Outcome
 * @typedef {{ codec: import('./wire.mjs').CodecName, timeoutMs?: number,
 *   drive: (command: Command, port: number) => Promise<Outcome> }} ClientOptions
 */

/** Plays one transcript. Rejects if the client does not do what the transcript expects. @param {any} transcript @param {ClientOptions} options */
export async function playClient(transcript, { codec, drive, timeoutMs = 10_000 }) {
  /** @type {import('node:net').Socket[]} */
  const waiting = [];
  const server = createServer({ allowHalfOpen: true });
  server.on('connection', (socket) => waiting.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const player = new Player(codec, async (_, step) => {
    const beginning = performance.now();
    while (waiting.length === 0) await once(server, 'connection', { signal: AbortSignal.timeout(timeoutMs) });
    const [socket] = waiting.splice(0, 1);
    if (!socket) throw new Error('The client does not connect.');
    const waitedMs = performance.now() - beginning;
    if (step.afterMs > waitedMs)
      throw new Error(`The client connects after ${waitedMs} ms, not ${step.afterMs}.`);
    const connection = new Connection(socket, { codec, timeoutMs });
    if (!(step.handshake ?? transcript.handshake ?? true)) return connection;
    await answerHello(player, connection, { ...transcript.welcome, ...step.welcome });
    return connection;
  });
  try {
    const driving = drive(transcript.do, port);
    // A failure of the driver is reported below; until then it must not count as unhandled.
    driving.catch(() => undefined);
    await player.play([{ connect: 'a' }, ...transcript.steps]);
    player.endWithPeer();
    compare(await withinTime(driving, timeoutMs), transcript.outcome, player.variables);
  } finally {
    player.close();
    server.close();
  }
}

/** @param {Player} player @param {Connection} connection @param {any} welcome */
async function answerHello(player, connection, welcome) {
  const hello = await connection.next();
  if (hello?.type !== 'hello' || typeof hello['version'] !== 'number')
    throw new Error(`The first frame is ${JSON.stringify(hello)}`);
  connection.isChecked = hello['check'] !== undefined;
  player.send(connection, { type: 'welcome', version: 1, maxFrame: 65_536, maxChannels: 64, ...welcome });
}

/** @param {Promise<Outcome>} driving @param {number} timeoutMs @returns {Promise<Outcome>} */
function withinTime(driving, timeoutMs) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No outcome within ${timeoutMs} ms.`)), timeoutMs);
    driving.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** @param {any} outcome @param {any} expected @param {Map<string, any>} variables */
function compare(outcome, expected, variables) {
  const alternatives = [expected].flat();
  const reasons = alternatives.map(({ error, result }) => {
    if (error !== undefined) return mismatch({ type: '', ...outcome }, { error }, variables);
    if (!('result' in outcome)) return `the outcome is ${JSON.stringify(outcome)}`;
    const { content, entries, ...rest } = result ?? {};
    if (content !== undefined && outcome.result.content !== bytesOf(content).toString('hex'))
      return 'the content differs';
    if (entries !== undefined) return entriesMismatch(outcome.result.entries, entries, variables);
    return mismatch({ type: '', ...outcome.result }, rest, variables);
  });
  if (!reasons.includes(undefined))
    throw new Error(`The outcome ${JSON.stringify(outcome).slice(0, 300)}: ${reasons.join('; ')}`);
}

/** @param {any[]} entries @param {any[]} expected @param {Map<string, any>} variables */
function entriesMismatch(entries, expected, variables) {
  if (entries.length !== expected.length) return `${entries.length} entries, not ${expected.length}`;
  const missing = expected.find(
    (pattern) => !entries.some((entry) => mismatch(entry, pattern, variables) === undefined),
  );
  return missing && `the entry ${JSON.stringify(missing)} is missing`;
}
