/** A server in text that answers one `open` after another as the test scripts it. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { SESSION_WELCOME } from './unfriendly.js';

/** The answer; `ID` stands for the id of the channel. */
export interface Answers {
  /** One for each `open`. */
  readonly opens: readonly string[];
  /** For the first `data`. */
  readonly data?: string | undefined;
  /** For every `end`. */
  readonly end?: string | undefined;
  /** The feature that `welcome` names. Default: none. */
  readonly feature?: string;
}

/** The current position of the server, and the headers that it has received. */
export interface Answering {
  readonly port: number;
  readonly opens: string[];
  readonly data: string[];
  readonly ends: string[];
}

/** Starts such a server. */
export async function answering(answers: Answers): Promise<Answering> {
  const heard = { open: [] as string[], data: [] as string[], end: [] as string[] };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const { feature } = answers;
    socket.write(feature ? SESSION_WELCOME.replace('\n', ` features=${feature}\n`) : SESSION_WELCOME);
    let text = '';
    let read = 0;
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      // The bytes of a file are no words of the protocol.
      for (const { 0: line, 1: word, 2: id = '', index } of text.matchAll(
        /^(open|data|end) id=(\d+) .*\n/gm,
      )) {
        if (index < read) continue;
        read = index + line.length;
        const lines = heard[word as keyof typeof heard];
        lines.push(line);
        const { opens, data, end } = answers;
        const answer = { open: opens[lines.length - 1], data: lines.length === 1 ? data : undefined, end };
        socket.write((answer[word as keyof typeof answer] ?? '').replaceAll('ID', id));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { port, opens: heard.open, data: heard.data, ends: heard.end };
}
