/** A client of raw text frames that sends a login. */
import { Wire } from './wire.js';

/** Connects, and sends hello as a user; resolves after the welcome. */
export async function wireOf(port: number, user: string, password = user): Promise<Wire> {
  const wire = await Wire.connect(port);
  wire.send(`hello version=1 user=${user} password=${password}\n`);
  const answer = await wire.line();
  if (!answer?.startsWith('welcome ')) throw new Error(`It was not welcomed: ${answer ?? 'the end'}`);
  return wire;
}

/** Opens something on a connection, and resolves with the last line of its answer. */
export async function answerTo(wire: Wire, id: number, fields: string): Promise<string> {
  wire.send(`open id=${id} ${fields}\n`);
  for (;;) {
    const line = (await wire.line()) ?? 'the end of the connection';
    if (!/^(accept|ack|data) /.test(line)) return line;
    const length = /^data .*\blength=(\d+)/.exec(line)?.[1];
    if (length !== undefined) await wire.payload(Number(length));
  }
}
