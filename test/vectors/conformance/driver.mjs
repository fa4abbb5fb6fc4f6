/**
 * Lets the client of socket-ftp do what the conformance kit tells it: `node run.mjs client -- node driver.mjs`. A driver of another
 * client reads the command as JSON from its input, and writes the outcome to its output; README.md lists the commands.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { FileClient } from 'socket-ftp';
import { bytesOf } from './kit/patterns.mjs';

/** @typedef {import('./kit/client-kit.mjs').Command} Command */

/** @param {Command & { codec: any, host?: string, port: number }} command @returns {Promise<import('./kit/client-kit.mjs').Outcome>} */
export async function drive({
  codec,
  host,
  port,
  reconnect = false,
  udp = false,
  client: options = {},
  ...command
}) {
  const attempts = reconnect ? { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 5 } : { maxAttempts: 0 };
  const client = new FileClient({
    host: host ?? '127.0.0.1',
    port,
    codec,
    reconnect: attempts,
    transport: udp ? 'udp' : 'tcp',
    ...options,
  });
  try {
    return { result: (await perform(client, command)) ?? null };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { error: code };
  } finally {
    // Not at once: an error that the client sends must arrive.
    await client.close({ graceMs: 200 });
  }
}

/** @param {FileClient} client @param {any} command @returns {Promise<any>} */
async function perform(
  client,
  {
    do: command,
    method: name,
    input,
    path,
    to,
    content,
    algorithm,
    mtime,
    mode,
    upload,
    commands,
    take,
    ...options
  },
) {
  switch (command) {
    case 'connect':
      await client.connect();
      return undefined;
    case 'ping':
      await client.ping();
      return undefined;
    case 'stat':
      return told(await client.stat(path));
    case 'list':
      return { entries: (await client.readdir(path, options)).map(told) };
    case 'download':
      return { content: (await client.readFile(path, options)).toString('hex') };
    case 'upload':
      return told(await client.writeFile(path, stream(content), { ...options, mode }));
    case 'append':
      return told(await append(client, path, content));
    case 'mkdir':
      await client.mkdir(path, options);
      return undefined;
    case 'remove':
      await client.remove(path, options);
      return undefined;
    case 'rename':
      await client.rename(path, to, options);
      return undefined;
    case 'copy':
      return told(await client.copy(path, to, options));
    case 'utimes':
      return told(await client.utimes(path, new Date(mtime)));
    case 'chmod':
      return told(await client.chmod(path, mode));
    case 'checksum':
      return { checksum: await client.checksum(path, algorithm, options) };
    case 'upload-status':
      return client.uploadStatus(path, upload);
    case 'stream':
      return openStream(client, { name, input, content });
    case 'call':
      return { output: await client.call(name, input) };
    case 'methods': {
      const names = [];
      for await (const one of client.methods()) names.push(`${one.name}:${one.kind}`);
      return { names: names.join(' ') };
    }
    case 'upload-files':
      return inDirectory(options.files, (directory) => client.uploadDirectory(directory, path));
    case 'download-files':
      return inDirectory({}, (directory) => client.downloadDirectory(path, directory));
    case 'watch':
      return { events: await eventsOf(client.watch(path, options), take) };
    case 'sequence': {
      const outcomes = [];
      for (const each of commands) outcomes.push(await perform(client, each));
      return { outcomes };
    }
    case 'all':
      return {
        outcomes: await Promise.all(commands.map((/** @type {any} */ command) => perform(client, command))),
      };
    default:
      throw new Error(`The command ${command} is unknown.`);
  }
}

/** Bytes whose number is not announced. @param {any} content */
async function* stream(content) {
  yield bytesOf(content);
}

/** @param {FileClient} client @param {string} path @param {any} content */
function append(client, path, content) {
  const upload = client.append(path);
  upload.end(bytesOf(content));
  return upload.completed;
}

/** Ends the stream only if it sends a body. @param {FileClient} client @param {any} command */
async function openStream(client, { name, input, content }) {
  const duplex = client.open(name, input);
  const output = duplex.result;
  if (content !== undefined) duplex.end(bytesOf(content));
  return { content: (await buffer(duplex)).toString('hex'), output: await output };
}

/**
 * Transfers a directory with these files. Tells those that it has then, with their content in hexadecimal, and the failures.
 * @param {Record<string, any>} files @param {(directory: string) => Promise<import('socket-ftp').SyncResult>} transfer
 */
async function inDirectory(files, transfer) {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    for (const [name, content] of Object.entries(files))
      await writeFile(join(directory, name), bytesOf(content));
    const { files: transferred, failed } = await transfer(directory);
    const failures = failed.map(({ action, error }) => `${action.path}:${error.code}`).sort();
    const contents = [];
    for (const name of (await readdir(directory)).sort())
      contents.push(`${name}:${(await readFile(join(directory, name))).toString('hex')}`);
    return { transferred, files: contents.join(' '), failed: failures.join(' ') };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The first events of a watch, separated by spaces. @param {import('socket-ftp').Watch} watch @param {number} take */
async function eventsOf(watch, take) {
  /** @type {string[]} */
  const events = [];
  for await (const event of watch) {
    const from = 'from' in event ? `${event.from}:` : '';
    events.push(
      'entry' in event ? `${event.kind}:${from}${event.entry.path}:${event.entry.size}` : event.kind,
    );
    if (events.length === take) break;
  }
  return events.join(' ');
}

/** @param {any} entry */
function told(entry) {
  return { ...entry, mtime: entry.mtime.getTime() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await drive(JSON.parse(await text(process.stdin)))));
}
