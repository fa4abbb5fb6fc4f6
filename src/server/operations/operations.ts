/** The operations of the server by name, the `op` of an `open` frame. A new operation is added here. */
import { batch } from './batch/batch.js';
import { checksum } from './checksum.js';
import { download } from './download.js';
import { entryOperations } from './entry-operations.js';
import { call } from '../methods/call.js';
import { listMethods } from '../methods/list-methods.js';
import { list } from './list.js';
import { stream } from '../methods/stream.js';
import type { Operation } from './operation.js';
import { watch } from '../watches/watch.js';
import { upload } from './upload.js';
import { uploadStatus } from './upload-status.js';

export const operations = {
  download,
  upload,
  list,
  watch,
  batch,
  ...entryOperations,
  checksum,
  'upload-status': uploadStatus,
  call,
  methods: listMethods,
  stream,
} satisfies Record<string, Operation>;

const byName = new Map<string, Operation>(Object.entries(operations));

export function findOperation(name: string): Operation | undefined {
  return byName.get(name);
}
