/** A client of the library for a URL. */
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { FileClient, FileClientOptions } from '../../index.js';
import { loadLibrary } from '../library.js';
import type { CommandContext } from '../runner/command-context.js';
import type { OptionValues } from '../runner/command.js';
import { usageError } from '../runner/usage-error.js';
import type { BandwidthLimit } from '../values/bandwidth.js';
import { isSameServer, type RemoteUrl } from '../url/remote-url.js';
import type { connectionOptions } from './connection-options.js';
import { credentialsFor } from './credentials.js';
import { connectByCommand } from './connect-by-command.js';

/** The values of {@link connectionOptions}. */
export type ConnectionValues = OptionValues<typeof connectionOptions> & {
  /** That of `--limit`, for commands that have it. */
  readonly limit?: BandwidthLimit | undefined;
};

/** Opens no connection: the first request does. The caller closes the client. */
async function openClient(
  url: RemoteUrl,
  options: ConnectionValues,
  context: CommandContext,
): Promise<FileClient> {
  const { FileClient: Client } = await loadLibrary();
  const client = new Client(await clientOptions(url, options, context));
  client.on('fallback', ({ reason }) => {
    context.output.event('fallback', { reason });
    context.output.detail(`TCP instead of UDP: ${reason}`);
  });
  return client;
}

/** The options of a client, with credentials, which may be asked for. */
export async function clientOptions(
  url: RemoteUrl,
  options: ConnectionValues,
  context: CommandContext,
): Promise<FileClientOptions> {
  const where = await placeOf(url, options);
  const credentials = await credentialsFor(url, options, context);
  const { codec, transport, allowUnencryptedCredentials, connectTimeout } = options;
  return {
    bandwidth: bandwidthOf(options),
    ...where,
    ...credentials,
    codec,
    transport,
    allowUnencryptedCredentials,
    timeouts: connectTimeout === undefined ? undefined : { connectMs: connectTimeout },
  };
}

/** Calls a function with a client, and closes the client. */
export async function withClient<Result>(
  { url, options, context }: { url: RemoteUrl; options: ConnectionValues; context: CommandContext },
  use: (client: FileClient) => Promise<Result>,
): Promise<Result> {
  const client = await openClient(url, options, context);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/**
 * Calls a function once for each server, with the URLs of it that follow each other: a password is asked for once.
 */
export async function forEachServer(
  {
    urls,
    options,
    context,
  }: { urls: readonly RemoteUrl[]; options: ConnectionValues; context: CommandContext },
  use: (client: FileClient, urls: readonly RemoteUrl[]) => Promise<void>,
): Promise<void> {
  for (const group of serverGroups(urls)) {
    const [url] = group;
    if (url) await withClient({ url, options, context }, (client) => use(client, group));
  }
}

/** The URLs in their order, those of one server that follow each other together. */
export function serverGroups(urls: readonly RemoteUrl[]): RemoteUrl[][] {
  const groups: RemoteUrl[][] = [];
  for (const url of urls) {
    const last = groups.at(-1);
    if (last?.[0] && isSameServer(last[0], url)) last.push(url);
    else groups.push([url]);
  }
  return groups;
}

/** The least that the library takes: with less, a body would seem to have stalled. */
const MIN_BYTES_PER_SECOND = 1_000;

function bandwidthOf({ limit, transport }: ConnectionValues): BandwidthLimit | undefined {
  if (limit === undefined) return undefined;
  const { upload = Infinity, download = Infinity } = limit;
  if (Math.min(upload, download) < MIN_BYTES_PER_SECOND)
    throw usageError(`--limit must be at least ${MIN_BYTES_PER_SECOND} bytes a second.`);
  if (transport !== undefined && transport !== 'tcp') throw usageError('--limit needs --transport tcp.');
  return limit;
}

async function placeOf(url: RemoteUrl, options: ConnectionValues): Promise<FileClientOptions> {
  const { exec } = options;
  const tls = await tlsOf(url, options);
  if (exec !== undefined) {
    if (url.host !== '' || url.scheme !== 'socket-ftp')
      throw usageError('With --exec, write the URL without a host: socket-ftp:///path.');
    return { connect: connectByCommand(exec) };
  }
  if (url.socketPath !== undefined) return { socketPath: url.socketPath };
  if (url.host === '') throw usageError(`The URL has no host. Write ${url.scheme}://host/path.`);
  return { host: url.host, port: url.port, tls };
}

async function tlsOf(
  { scheme }: RemoteUrl,
  { ca, clientCert, clientKey }: ConnectionValues,
): Promise<boolean | ConnectionOptions> {
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    throw usageError('--client-cert and --client-key belong together.');
  }
  if (scheme !== 'socket-ftps') {
    if (clientCert !== undefined)
      throw usageError('--client-cert needs TLS: write socket-ftps:// in the URL.');
    return false;
  }
  const [authority, cert, key] = await Promise.all([ca, clientCert, clientKey].map(pemFile));
  return { ...(authority && { ca: authority }), ...(cert && { cert }), ...(key && { key }) };
}

async function pemFile(path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : readFile(path);
}
