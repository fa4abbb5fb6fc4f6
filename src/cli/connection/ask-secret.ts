/** Asks for a secret on a terminal, without an echo. */
import { StringDecoder } from 'node:string_decoder';
import type { Readable, Writable } from 'node:stream';
import { ExitError } from '../runner/exit-error.js';

/** A terminal that is read from. */
export type TerminalInput = Readable & {
  readonly isTTY?: boolean | undefined;
  setRawMode?(mode: boolean): unknown;
};

/** Characters of a secret. What is longer was not typed. */
const MAX_SECRET_LENGTH = 4_096;

/**
 * Writes the question, and resolves with the line that is typed. Backspace and Ctrl-U work; Ctrl-C rejects with the exit
 * code of an interruption, the end of input (Ctrl-D) with that of wrong arguments.
 */
export async function askSecret(question: string, input: TerminalInput, output: Writable): Promise<string> {
  // First, because a terminal echoes what is typed as soon as the question is there.
  input.setRawMode?.(true);
  output.write(question);
  try {
    return await readSecret(input);
  } finally {
    input.setRawMode?.(false);
    input.pause();
    output.write('\n');
  }
}

function readSecret(input: TerminalInput): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let typed: string[] = [];
    const end = (settle: () => void): void => {
      input.off('data', onData);
      input.off('end', onEnd);
      settle();
    };
    const onEnd = (): void => end(() => reject(new ExitError('usage', 'No secret was entered.')));
    const onData = (bytes: Buffer): void => {
      for (const character of decoder.write(bytes)) {
        if (character === '\r' || character === '\n') return end(() => resolve(typed.join('')));
        if (character === '\x03') return end(() => reject(new ExitError('interrupted', 'Interrupted.')));
        if (character === '\x04' || typed.length >= MAX_SECRET_LENGTH) return onEnd();
        if (character === '\x15') typed = [];
        else if (character === '\x7f' || character === '\b') typed.pop();
        else if (character >= ' ') typed.push(character);
      }
    };
    input.on('data', onData);
    input.on('end', onEnd);
    input.resume();
  });
}
