/** Plays the steps of a peer, one by one. */
import type { Socket } from 'node:net';
import type { CodecName } from '../../../src/index.js';
import type { Step } from './abuse-case.js';
import type { ReceivedFrames } from './received-frames.js';
import { bytesOf } from './frames/loose-encoder.js';
import { sendInPieces, type Cut } from './pieces.js';

/** How a case is played: in which notation, cut how, and how the peer leaves. */
export interface Way {
  readonly codec: CodecName;
  readonly cut: Cut;
  /** Waits for the outcome; or ends its side at once; or resets the connection at once. */
  readonly leaves: 'late' | 'half-closed' | 'reset';
}

/** Time limit in ms, reached only in a failure. */
export const DEADLINE_MS = 20_000;

/** Sends all steps. Steps without a wait between them form one chunk; false if an awaited frame is missing. */
export async function playSteps(
  steps: readonly Step[],
  { socket, hearing }: { socket: Socket; hearing: ReceivedFrames },
  { codec, cut }: Way,
): Promise<boolean> {
  let words: Buffer[] = [];
  const flush = (): Promise<void> => {
    const bytes = Buffer.concat(words);
    words = [];
    return sendInPieces(socket, bytes, cut);
  };
  for (const step of steps) {
    if (typeof step === 'function' || !('hears' in step)) {
      words.push(bytesOf(step, codec));
      continue;
    }
    await flush();
    const heard = await hearing.until(() => hearing.over || hearing.has(step.hears, step.id), DEADLINE_MS);
    if (!heard) return false;
  }
  await flush();
  return true;
}

/** A way in a few words. */
export function nameOf({ codec, cut, leaves }: Way): string {
  return `${codec}, ${cut === Infinity ? 'whole' : `by ${cut}`}${leaves === 'late' ? '' : `, ${leaves}`}`;
}
