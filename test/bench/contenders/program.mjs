/** Programs that are no part of Node: servers that run until they are stopped, clients that run to their end. */
// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from '../availability.mjs';

/** A free port. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts a server in the foreground; resolves when its port is open, with what stops it.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} port
 */
export async function startServer(program, args, port) {
  const child = spawn((await findProgram(program)) ?? program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`${program} has ended with ${child.exitCode}.`);
    await pause(20);
  }
  return async () => {
    child.kill();
    await exited;
  };
}

/**
 * Runs a program to its end; resolves with its output.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [input]
 */
export async function run(program, args, input) {
  const child = spawn(program, args);
  let [output, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (complaint += text));
  // Not every program reads its input to the end; its exit code shows whether the transfer was complete.
  child.stdin.on('error', () => undefined).end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} has ended with ${code}. ${complaint}`);
  return output;
}

/** @type {(port: number) => Promise<boolean>} */
async function isOpen(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
