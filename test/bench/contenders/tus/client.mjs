/** tus-js-client, which asks for a place and then sends the file there. */
// @ts-check
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { load } from '../../packages/load.mjs';
import { AT_ONCE, smallName } from '../../workloads.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/** @typedef {new (source: import('node:fs').ReadStream, options: object) => { start: () => void }} TusUpload */

const { address: port, root } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const { Upload } = /** @type {{ Upload: TusUpload }} */ (await load('tus-js-client'));

serveTasks({
  upload: ({ bulk }) => up(path.join(root, bulk)),
  'small-up': ({ files }) => forEachAtOnce(files, AT_ONCE, upSmall),
  'small-up-1': ({ files }) => forEachAtOnce(files, 1, upSmall),
});

/** @param {number} index */
function upSmall(index) {
  return up(path.join(root, 'small', smallName(index)));
}

/** @type {(file: string) => Promise<void>} */
function up(file) {
  return new Promise((resolve, reject) => {
    new Upload(createReadStream(file), {
      endpoint: `http://127.0.0.1:${port}/up`,
      retryDelays: null,
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
}
