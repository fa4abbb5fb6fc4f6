/** A peer that sends on every upload as much as its window allows, immediately. */
import type { Socket } from 'node:net';

/** Bytes that may come before `accept`. */
const EARLY_BYTES = 65_536;

export class GreedyUploader {
  /** How its requests have ended, by code. */
  readonly codes = new Map<string, number>();
  readonly #socket: Socket;
  readonly #sent = new Map<string, number>();
  #rest = '';

  /** @param opened - the ids of its uploads */
  constructor(socket: Socket, opened: readonly string[]) {
    this.#socket = socket;
    for (const id of opened) this.#sendUpTo(id, EARLY_BYTES);
    socket.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')));
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#heard(line);
  }

  #heard(line: string): void {
    const [type = ''] = line.split(' ', 1);
    const id = fieldOf(line, 'id');
    if (type === 'error') {
      const code = fieldOf(line, 'code') ?? 'none';
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    } else if (id !== undefined && (type === 'accept' || type === 'ack')) {
      this.#sendUpTo(id, Number(fieldOf(line, 'offset') ?? 0) + Number(fieldOf(line, 'window') ?? 0));
    }
  }

  #sendUpTo(id: string, limit: number): void {
    let sent = this.#sent.get(id) ?? 0;
    while (sent < limit) {
      const length = Math.min(EARLY_BYTES, limit - sent);
      this.#socket.write(`data id=${id} length=${length}\n`);
      this.#socket.write(PAYLOAD.subarray(0, length));
      this.#socket.write('\n');
      sent += length;
    }
    this.#sent.set(id, sent);
  }
}

const PAYLOAD = Buffer.alloc(EARLY_BYTES, 'x');

function fieldOf(line: string, name: string): string | undefined {
  return new RegExp(` ${name}=([^ ]*)`).exec(line)?.[1];
}
