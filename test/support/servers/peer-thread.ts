/** Peers in a thread of their own: they answer while the thread of the test is busy. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

const common = `
const net = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
function answer(socket, reply) {
  let rest = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      const ping = /^ping token=(\\d+)/.exec(line);
      if (ping) socket.write('pong token=' + ping[1] + '\\n');
      else reply(line);
    }
  });
}
`;

const server = `${common}
net.createServer((socket) => {
  answer(socket, (line) => {
    const id = / id=(\\d+)/.exec(line)?.[1];
    if (line.startsWith('hello ')) socket.write('welcome version=1 maxFrame=65536 maxChannels=64\\n');
    if (line.startsWith('cancel ')) socket.write('error code=ECANCELED id=' + id + '\\n');
    if (/^open .*path=file/.test(line)) socket.write('result id=' + id + ' path=file kind=file size=1 mtime=0 etag=v\\n');
  });
}).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });
`;

const client = `${common}
const socket = net.connect(workerData, '127.0.0.1', () => socket.write('hello version=1\\n'));
answer(socket, (line) => parentPort.postMessage(line));
socket.on('close', () => parentPort.postMessage('closed'));
parentPort.on('message', ({ text, everyMs, times }) => {
  if (everyMs === undefined) return socket.write(text);
  const timer = setInterval(() => {
    socket.write(text);
    if (--times === 0) clearInterval(timer);
  }, everyMs);
});
`;

function start(code: string, workerData?: number): Worker {
  const worker = new Worker(code, { eval: true, workerData });
  onTestFinished(async () => {
    await worker.terminate();
  });
  return worker;
}

/** The port of a server that answers everything about the path `file`, and nothing about any other path. */
export async function serverThread(): Promise<number> {
  const [port] = (await once(start(server), 'message')) as [number];
  return port;
}

/** What a client is to write; with `everyMs`, again and again. */
export interface Writing {
  readonly text: string;
  readonly everyMs?: number;
  readonly times?: number;
}

/** A client that says hello as soon as it is connected, and the lines that it has received. */
export function clientThread(port: number): { lines: string[]; write: (writing: Writing) => void } {
  const worker = start(client, port);
  const lines: string[] = [];
  worker.on('message', (line: string) => lines.push(line));
  return { lines, write: (writing) => worker.postMessage(writing) };
}

/** Keeps the thread of the test busy. */
export function compute(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}
