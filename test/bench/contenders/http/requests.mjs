/** Requests of files over `node:http`. */
// @ts-check
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { finished } from 'node:stream/promises';

/** @import { Agent, ClientRequest, IncomingMessage } from 'node:http' */
/** @typedef {{ port: number, agent: Agent }} Through */

/** Reads an answer to its end, and throws it away. @type {(through: Through, method: string, name: string) => Promise<void>} */
export async function ask(through, method, name) {
  const asked = requestOf(through, method, name);
  asked.end();
  await drained(await answerTo(asked));
}

/** Writes the body of a response. @type {(through: Through, name: string, to: import('node:stream').Writable) => Promise<void>} */
export async function download(through, name, to) {
  const asked = requestOf(through, 'GET', name);
  asked.end();
  const answer = await answerTo(asked);
  await finished(answer.pipe(to));
}

/** Sends a file. @type {(through: Through, file: string, name: string) => Promise<void>} */
export async function upload(through, file, name) {
  const asked = requestOf(through, 'PUT', name);
  createReadStream(file).pipe(asked);
  await drained(await answerTo(asked));
}

/** @type {(through: Through, method: string, name: string) => ClientRequest} */
function requestOf({ port, agent }, method, name) {
  return request({ host: '127.0.0.1', port, agent, method, path: `/${name}` });
}

/** @type {(asked: ClientRequest) => Promise<IncomingMessage>} */
async function answerTo(asked) {
  const [answer] = /** @type {[IncomingMessage]} */ (await once(asked, 'response'));
  if (Math.floor((answer.statusCode ?? 0) / 100) !== 2) throw new Error(`HTTP ${answer.statusCode}`);
  return answer;
}

/** @param {IncomingMessage} answer */
async function drained(answer) {
  answer.resume();
  if (!answer.readableEnded) await once(answer, 'end');
}
