/** Plays a case of abuse against a client: a scripted server sends the frames; the caller is checked. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { FileClient, TransferError } from '../../../../src/index.js';
import { fatesOf, type ClientCase, type ClientFate } from '../abuse-case.js';
import { ReceivedFrames } from '../received-frames.js';
import { DEADLINE_MS, playSteps, type Way } from '../play-step.js';
import { clientRequests } from './client-requests.js';

/** The outcome of a request: `done`, an error of its result, or the code of its error. */
interface Outcome {
  readonly end: string;
  readonly hearing: ReceivedFrames;
}

/** Resolves with the first error; undefined if the outcome is as expected. */
export async function playAgainstClient(abuse: ClientCase, way: Way): Promise<string | undefined> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // A welcome that comes byte by byte on a busy machine takes longer than the default limit.
  const timeouts = { connectMs: 2 * DEADLINE_MS };
  const client = new FileClient({ port, codec: way.codec, reconnect: false, timeouts });
  try {
    const outcome = await play({ server, client }, abuse, way);
    if (typeof outcome === 'string') return outcome;
    const fates = fatesOf(abuse, way.codec);
    return fates.some((fate) => isMet(fate, outcome, way))
      ? undefined
      : `comes to ${outcome.end}: ${outcome.hearing.last}`;
  } finally {
    client.destroy();
    server.close();
  }
}

async function play(
  { server, client }: { server: ReturnType<typeof createServer>; client: FileClient },
  abuse: ClientCase,
  way: Way,
): Promise<Outcome | string> {
  const connected = once(server, 'connection') as Promise<[Socket]>;
  let end: string | undefined;
  const wish = endOf(clientRequests[abuse.wish](client)).then((word) => (end = word));
  const [socket] = await connected;
  socket.on('error', () => undefined);
  const hearing = new ReceivedFrames(socket);
  try {
    await playSteps(abuse.says, { socket, hearing }, way);
    if (way.leaves === 'half-closed') socket.end();
    if (way.leaves === 'reset') socket.resetAndDestroy();
    if (!(await inTime(wish))) return `hangs: ${hearing.last}`;
    // An end that closes a connection for an error sends the error first.
    const isOver = (): boolean => hearing.over || end === 'done' || hearing.has('cancel', 1);
    if (way.leaves === 'late' && fatesOf(abuse, way.codec).every(isLastWord)) {
      if (!(await hearing.until(isOver, DEADLINE_MS))) return `does not end: ${hearing.last}`;
    }
    client.destroy();
    socket.end();
    if (!(await hearing.until(() => hearing.closed, DEADLINE_MS))) return `does not close: ${hearing.last}`;
    return { end: end ?? 'nothing', hearing };
  } finally {
    socket.destroy();
  }
}

async function endOf(wish: Promise<string>): Promise<string> {
  try {
    return await wish;
  } catch (error) {
    return error instanceof TransferError ? error.code : String(error);
  }
}

function inTime(wish: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), DEADLINE_MS);
    void wish.finally(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** Whether the client tells the server about the failure. */
function isLastWord(fate: ClientFate): boolean {
  return 'error' in fate || 'cancels' in fate;
}

function isMet(fate: ClientFate, { end, hearing }: Outcome, { leaves }: Way): boolean {
  // A reset connection may lose the frames that were sent before.
  if (leaves === 'reset' && end === 'ECONNRESET') return true;
  if ('done' in fate) return end === 'done';
  if ('fails' in fate) return end === fate.fails;
  if ('cancels' in fate) {
    const isKept = hearing.has('cancel', 1) && hearing.connectionError === undefined;
    return end === fate.cancels && (leaves !== 'late' || isKept);
  }
  return end === fate.error && (leaves !== 'late' || hearing.connectionError === fate.error);
}
