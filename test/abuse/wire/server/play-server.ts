/** Plays a case of abuse against a server over its own socket, and checks the outcome. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fatesOf, type ServerCase, type ServerFate } from '../abuse-case.js';
import { ReceivedFrames, idOf } from '../received-frames.js';
import { frame } from '../frames/loose-frame.js';
import { bytesOf } from '../frames/loose-encoder.js';
import { sendInPieces } from '../pieces.js';
import { DEADLINE_MS, playSteps, type Way } from '../play-step.js';

/** The token of the ping that shows whether a connection is still open. */
const LAST_TOKEN = 4_815_162_342;

/** Resolves with the first error; undefined if the outcome is as expected. */
export async function playAgainstServer(
  port: number,
  abuse: ServerCase,
  way: Way,
): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined);
  const hearing = new ReceivedFrames(socket);
  await once(socket, 'connect');
  try {
    if (!(await playSteps(abuse.says, { socket, hearing }, way))) return `waits in vain: ${hearing.last}`;
    if (way.leaves === 'reset') {
      socket.resetAndDestroy();
      return undefined;
    }
    return await judge({ socket, hearing }, fatesOf(abuse, way.codec), way);
  } finally {
    socket.destroy();
  }
}

async function judge(
  { socket, hearing }: { socket: Socket; hearing: ReceivedFrames },
  fates: readonly ServerFate[],
  { codec, cut, leaves }: Way,
): Promise<string | undefined> {
  if (leaves === 'half-closed') socket.end();
  else await sendInPieces(socket, bytesOf(frame('ping', { token: LAST_TOKEN }), codec), cut);
  const isKnown = (): boolean => hearing.over || (leaves === 'late' && isSettled(hearing, fates));
  if (!(await hearing.until(isKnown, DEADLINE_MS))) return `hangs: ${hearing.last}`;
  const wentOn = !hearing.over;
  socket.end();
  if (!(await hearing.until(() => hearing.over, DEADLINE_MS))) return `does not end: ${hearing.last}`;
  if (!(await hearing.until(() => hearing.closed, DEADLINE_MS))) return `does not close: ${hearing.last}`;
  const goesOn = leaves === 'half-closed' ? hearing.connectionError === undefined : wentOn;
  const wrong = disorder(hearing);
  if (wrong !== undefined) return `${wrong}: ${hearing.last}`;
  return fates.some((fate) => isMet(fate, hearing, goesOn)) ? undefined : `comes to: ${hearing.last}`;
}

/** Whether no relevant frame can follow. */
function isSettled(hearing: ReceivedFrames, fates: readonly ServerFate[]): boolean {
  const isAnswered = hearing.frames.some((said) => said.type === 'pong' && said.token === LAST_TOKEN);
  if (!isAnswered) return false;
  return fates.some((fate) => 'channels' in fate && isMet(fate, hearing, true));
}

function isMet(fate: ServerFate, hearing: ReceivedFrames, goesOn: boolean): boolean {
  if ('error' in fate) return hearing.connectionError === fate.error;
  if ('silent' in fate) return hearing.connectionError === undefined && hearing.over;
  if (!goesOn) return false;
  return Object.entries(fate.channels).every(([id, end]) => {
    const terminal = hearing.terminal(Number(id));
    return end === 'open' ? terminal === undefined || hearing.over : terminal === end;
  });
}

/** Frames that no server may send, whatever it receives. */
function disorder({ frames, unreadable }: ReceivedFrames): string | undefined {
  if (unreadable !== undefined) return 'says what cannot be read';
  const over = new Set<number>();
  for (const [at, said] of frames.entries()) {
    const id = idOf(said);
    if (id !== undefined && over.has(id)) return `says ${said.type} on a channel that is over`;
    if (id !== undefined && (said.type === 'result' || said.type === 'error')) over.add(id);
    if (said.type === 'error' && id === undefined && at < frames.length - 1)
      return 'says more after an error';
  }
  return undefined;
}
