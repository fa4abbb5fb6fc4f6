/** Feeds an input into an endpoint without a socket, and collects the output of the endpoint. */
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../faults/fixtures/random.js';
import { piecesOf } from '../inputs/pieces.js';

/** The output, and the processor time. */
export interface Carried {
  readonly said: Buffer;
  readonly ms: number;
}

/** The complete output of an endpoint during and after an input; the endpoint is then destroyed. */
export async function carried(endpoint: Duplex, input: Buffer, random: Random): Promise<Carried> {
  const began = process.cpuUsage();
  const said: Buffer[] = [];
  let isSilent = false;
  endpoint.on('data', (chunk: Buffer) => said.push(chunk));
  endpoint.once('close', () => (isSilent = true)).once('end', () => (isSilent = true));
  // A client has something to say first, without which the answers would come before the questions.
  for (let turns = 0; turns < FIRST_TURNS; turns += 1) await nextTurn();
  const pieceBytes = random.pick([7, 100, 4_096, 65_536]);
  for (const piece of piecesOf(input, random, pieceBytes)) {
    if (endpoint.writableEnded || endpoint.destroyed) break;
    // A stream retains its chunks, so the pieces must be copies.
    endpoint.write(Buffer.from(piece));
    if (random.next() < 0.1) await nextTurn();
  }
  endpoint.end();
  await until(() => isSilent);
  endpoint.destroy();
  // Not the time that the event loop was active, which includes the turns of other processes.
  const { user, system } = process.cpuUsage(began);
  return { said: Buffer.concat(said), ms: (user + system) / 1_000 };
}

const FIRST_TURNS = 4;
const PATIENT_TURNS = 200;
const PATIENCE_MS = 3_000;

/** Waits for the last frame of an end that gets no more input. A rejected login takes half a second. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < PATIENT_TURNS && !holds(); turns += 1) await nextTurn();
  for (let ms = 0; ms < PATIENCE_MS && !holds(); ms += 10) await sleep(10);
  assert.ok(holds(), 'it does not end although there is nothing more to come');
}
