/** A client of HTTP by `node:http`, with an agent of its own, which keeps connections. */
// @ts-check
import { createReadStream } from 'node:fs';
import { Agent } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { collected, sessionOf } from '../session.mjs';
import { get, head, put } from './requests.mjs';

/** @import { Session } from '../session.mjs' */

/** @param {number} port @returns {Session} */
export function httpSession(port) {
  const through = { port, agent: new Agent({ keepAlive: true }) };
  return sessionOf({
    pipe: async (name, to) => pipeline(await get(through, name), to),
    iterate: async function* (name) {
      yield* /** @type {AsyncIterable<Buffer>} */ (await get(through, name));
    },
    uploadFile: (localPath, name) =>
      put(through, name, (request) => createReadStream(localPath).pipe(request)),
    writeFile: (name, data) => put(through, name, (request) => request.end(data)),
    stat: (name) => head(through, name),
    list: async (name) => {
      const body = await collected(async (to) => pipeline(await get(through, `${name}/`), to));
      return /** @type {unknown[]} */ (JSON.parse(body.toString())).length;
    },
    close: () => through.agent.destroy(),
  });
}
