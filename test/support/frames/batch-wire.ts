/** A batch over a raw connection, in JSON, with the frames of its bodies in clear. */
import { Wire } from './wire.js';

interface Answer {
  type: string;
  id?: number;
  length?: number;
  code?: string;
}

/** Asks for each `open` in one batch. Gives the code of each answer, or the type of one that is no error. */
export async function answersInBatch(
  port: number,
  opens: readonly Record<string, unknown>[],
): Promise<readonly string[]> {
  const wire = await Wire.connect(port);
  const body = opens.map((open, index) => line({ type: 'open', id: index + 1, ...open })).join('');
  const size = Buffer.byteLength(body);
  wire.send(line({ type: 'hello', version: 1 }));
  wire.send(line({ type: 'open', id: 1, op: 'batch', checksum: 'crc32' }));
  wire.send(`${line({ type: 'data', id: 1, length: size })}${body}\n${line({ type: 'end', id: 1, size })}`);
  const pieces: Buffer[] = [];
  for (let text = await wire.line(); text !== undefined; text = await wire.line()) {
    const frame = JSON.parse(text) as Answer;
    if (frame.type === 'result') return answersIn(Buffer.concat(pieces).toString());
    if (frame.type === 'error') return [frame.code ?? frame.type];
    if (frame.type === 'data') pieces.push(await wire.payload(frame.length ?? 0));
  }
  throw new Error('The connection has ended before the batch.');
}

/** Of ASCII bodies. A download has its bytes before its result. */
function answersIn(body: string): string[] {
  const answers: string[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\n', at);
    const { type, code, length } = JSON.parse(body.slice(at, end)) as Answer;
    at = end + 1 + (length === undefined ? 0 : length + 1);
    if (type !== 'data') answers.push(code ?? type);
  }
  return answers;
}

function line(frame: object): string {
  return `${JSON.stringify(frame)}\n`;
}
