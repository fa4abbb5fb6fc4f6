/** Serves a directory until a signal comes. */
import path from 'node:path';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { FileServer } from '../../index.js';
import { loadLibrary } from '../library.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import { usageError } from '../runner/usage-error.js';
import { quoteArguments } from '../values/quote-arguments.js';
import { listenOn, type Listening } from './listen-on.js';
import type { serveCommand } from './serve.js';
import { logServer } from './log-server.js';
import { serverOptions, type ServeValues } from './server-options.js';

export const runServe: RunCommand<typeof serveCommand.options> = async ({ operands, options }, context) => {
  const { output } = context;
  const [directory = '.'] = operands;
  rejectConflicts(options, output.settings.isJson);
  const { options: serverSettings, storage, users } = await serverOptions(directory, options);
  const { FileServer: Server } = await loadLibrary();
  const open = (): FileServer => {
    const server = new Server(serverSettings);
    // Through ssh, the lines would appear in the progress of the client.
    if (!options.stdio || options.verbose) logServer(server, output);
    return server;
  };
  try {
    if (options.stdio) await serveStdio(open(), options, context);
    else await serveListening(open, { directory, options, userNames: users && Object.keys(users), context });
  } finally {
    await storage?.close?.();
  }
  output.event('close', {});
  return 'ok';
};

interface Serving {
  readonly directory: string;
  readonly options: ServeValues;
  readonly userNames: readonly string[] | undefined;
  readonly context: CommandContext;
}

async function serveListening(open: () => FileServer, serving: Serving): Promise<void> {
  const { options, userNames, context } = serving;
  const { output, signal } = context;
  const isEncrypted = options.cert !== undefined;
  const { server, ...reached } = await listenOn(open, {
    ...options,
    isEncrypted,
    userNames,
    output,
  });
  announce(reached, serving);
  if (!signal.aborted) await once(signal, 'abort');
  output.note('Closing. Press Ctrl-C again to end at once.');
  await server.close({ graceMs: options.grace });
}

/** Nothing may be written to standard output but the bytes of the connection. */
async function serveStdio(
  server: FileServer,
  { grace }: ServeValues,
  context: CommandContext,
): Promise<void> {
  const { stdin, output, signal } = context;
  const close = (): void => void server.close({ graceMs: grace });
  signal.addEventListener('abort', close, { once: true });
  try {
    await pipeline(stdin, server.endpoint(), output.stdout, { end: false });
  } catch (error) {
    // A client may hang up at any time.
    output.detail(`The connection has ended: ${String(error)}`);
  } finally {
    signal.removeEventListener('abort', close);
    await server.close({ graceMs: grace });
  }
}

function announce({ urls, pages, isOpenToOthers }: Omit<Listening, 'server'>, serving: Serving): void {
  const { directory, options, userNames, context } = serving;
  const { output } = context;
  const root = path.resolve(directory);
  const isReadOnly = options.writable !== true;
  const encrypted = options.cert !== undefined;
  const browsable = options.http ? pages : [];
  output.event('listening', {
    addresses: urls,
    pages: browsable,
    root,
    isReadOnly,
    users: userNames?.length,
    encrypted,
  });
  const clients =
    userNames === undefined
      ? 'every client that can connect'
      : userNames.length === 1
        ? '1 user'
        : `${userNames.length} users`;
  const access = isReadOnly ? 'read-only; --writable lets them change files' : 'for reading and writing';
  output.note(`Serving ${root} to ${clients}, ${access}.`);
  if (!isOpenToOthers)
    output.note('Only programs on this machine can connect; --host 0.0.0.0 opens it to the network.');
  else if (userNames === undefined && !isReadOnly) {
    output.note(['yellow', 'Every client of the network may change and delete files: see --users.']);
  }
  const target = path.basename(root) || 'files';
  for (const page of browsable) output.note(`In a web browser: ${page}`);
  for (const url of urls) output.print(`npx socket-ftp get ${quoteArguments([url, target])}`);
}

function rejectConflicts(options: ServeValues, isJson: boolean): void {
  const { stdio, socket, host, port } = options;
  const places = [stdio, socket, host ?? port].filter((place) => place !== undefined);
  if (places.length > 1) throw usageError('Choose one of --host and --port, --socket, and --stdio.');
  if (stdio && isJson)
    throw usageError('--stdio needs standard output for the connection: leave out --json.');
  if (stdio && options.cert !== undefined) throw usageError('--stdio is not encrypted: leave out --cert.');
}
