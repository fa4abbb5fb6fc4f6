/** The operation `methods`: the methods that the client may use. */
import type { Operation } from '../operations/operation.js';
import { outputResult } from './call.js';

export const listMethods: Operation = {
  takesBody: false,
  needs: () => [],
  async run(exchange, { methods, access, maxValueBytes }) {
    const listed: object[] = [];
    for (const { name, kind, permission, idempotent } of methods.all()) {
      if (await access.permitsMethod(name, permission)) listed.push({ name, kind, permission, idempotent });
      exchange.onProgress();
    }
    return outputResult(listed, { name: 'list of methods', maxBytes: maxValueBytes });
  },
};
