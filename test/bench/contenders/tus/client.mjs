/** tus-js-client, which asks for a place and then sends the file there. */
// @ts-check
import { createReadStream } from 'node:fs';
import { load } from '../../packages/load.mjs';
import { sessionOf } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/** @typedef {new (source: import('node:fs').ReadStream, options: object) => { start: () => void }} TusUpload */

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const { Upload } = /** @type {{ Upload: TusUpload }} */ (await load('tus-js-client'));

serveTasks({ places, connect: () => sessionOf({ uploadFile }) });

/** @param {string} localPath @returns {Promise<void>} */
function uploadFile(localPath) {
  return new Promise((resolve, reject) => {
    new Upload(createReadStream(localPath), {
      endpoint: `http://127.0.0.1:${port}/up`,
      retryDelays: null,
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
}
