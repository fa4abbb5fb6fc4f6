/** Calls a method, or lists the methods. */
import type { FileClient } from '../../index.js';
import { withClient } from '../connection/with-client.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import type { ExitName } from '../runner/exit-codes.js';
import { usageError } from '../runner/usage-error.js';
import { parseRemoteUrl } from '../url/remote-url.js';
import type { callCommand } from './call.js';

/** Bytes of a value from standard input. The library allows less by default. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

export const runCall: RunCommand<typeof callCommand.options> = async ({ operands, options }, context) => {
  const [address = '', method, text] = operands;
  const url = parseRemoteUrl(address);
  if (url.path !== '') throw usageError('call takes the URL of a server, without a path.');
  const input = text === undefined ? undefined : parsedValue(text === '-' ? await allOf(context) : text);
  const { idempotent } = options;
  return withClient({ url, options, context }, async (client): Promise<ExitName> => {
    if (method === undefined) return listMethods(client, context);
    const { signal, output } = context;
    const value = await client.call(method, input, { idempotent, signal });
    output.event('value', { value: JSON.stringify(value) ?? 'null' });
    const shown = JSON.stringify(value, null, output.stdout.isTTY ? 2 : undefined) ?? 'null';
    // A line end is a control character, which `print` would escape.
    for (const line of shown.split('\n')) output.print(line);
    return 'ok';
  });
};

async function listMethods(client: FileClient, { output, signal }: CommandContext): Promise<ExitName> {
  for await (const { name, kind, permission, idempotent } of client.methods({ signal })) {
    output.event('method', { name, kind, permission, idempotent });
    output.print(`${name}  ${kind}, needs ${permission}${idempotent ? ', idempotent' : ''}`);
  }
  return 'ok';
}

function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`The value is no JSON: ${reason}. A text needs quotes of its own: '"text"'.`);
  }
}

async function allOf({ stdin }: CommandContext): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdin as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_INPUT_BYTES) throw usageError(`The value has more than ${MAX_INPUT_BYTES} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
