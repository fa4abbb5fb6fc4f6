/** Requests of files over `node:http`. */
// @ts-check
import { once } from 'node:events';
import { request } from 'node:http';

/** @import { Agent, ClientRequest, IncomingMessage } from 'node:http' */
/** @typedef {{ port: number, agent: Agent }} Through */

/** Resolves with a response whose body is to be read. @type {(through: Through, name: string) => Promise<IncomingMessage>} */
export async function get(through, name) {
  const asked = requestOf(through, 'GET', name);
  asked.end();
  return answerTo(asked);
}

/** Resolves with the headers. @type {(through: Through, name: string) => Promise<import('node:http').IncomingHttpHeaders>} */
export async function head(through, name) {
  const asked = requestOf(through, 'HEAD', name);
  asked.end();
  const answer = await answerTo(asked);
  await drained(answer);
  return answer.headers;
}

/** Sends a body, which is to be written and ended. @type {(through: Through, name: string, write: (request: ClientRequest) => void) => Promise<void>} */
export async function put(through, name, write) {
  const asked = requestOf(through, 'PUT', name);
  write(asked);
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
