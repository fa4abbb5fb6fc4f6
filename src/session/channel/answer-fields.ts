/**
 * The fields that an answer must have. An answer without one of them is EPROTO: the client takes no value for a missing
 * one. The table of operations in `docs/protocol.md` has them in bold.
 */
import { protocolError, TransferError } from '../../errors.js';
import { serverBodyOperations } from '../../protocol/body-operations.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { RequestFields } from '../client-session.js';

type AcceptField = keyof FrameOf<'accept'>;
type ResultField = keyof FrameOf<'result'>;

interface AnswerRow {
  /** Undefined if the operation has no `accept`. */
  readonly accept?: readonly AcceptField[];
  readonly result: readonly ResultField[];
}

/** The required fields by operation; `isExempt` has the exceptions. */
export const requiredAnswerFields: Readonly<Record<string, AnswerRow>> = {
  download: {
    accept: ['path', 'kind', 'offset', 'size', 'mtime', 'checksum'],
    result: ['bytes', 'checksum'],
  },
  upload: {
    accept: ['path', 'checksum', 'window', 'offset'],
    result: ['path', 'kind', 'size', 'mtime', 'bytes', 'checksum'],
  },
  list: { accept: ['path', 'kind', 'checksum'], result: ['bytes', 'checksum'] },
  // A watch has no result.
  watch: { accept: ['path', 'kind', 'checksum'], result: [] },
  stat: { result: ['path', 'kind', 'size', 'mtime'] },
  mkdir: { result: ['path'] },
  remove: { result: ['path'] },
  rename: { result: ['path'] },
  copy: { result: ['path', 'kind', 'size', 'mtime'] },
  utimes: { result: ['path', 'kind', 'size', 'mtime'] },
  chmod: { result: ['path', 'kind', 'size', 'mtime'] },
  checksum: { result: ['size', 'checksum'] },
  'upload-status': { result: ['path'] },
  quota: { result: [] },
  // The fields of a result behind a body are those that the checksum of the body needs.
  call: { accept: ['size', 'checksum'], result: [] },
  methods: { accept: ['size', 'checksum'], result: [] },
  stream: { accept: ['checksum', 'window'], result: [] },
  batch: { accept: ['checksum', 'window'], result: ['count'] },
};

type Answer = FrameOf<'accept'> | FrameOf<'result'>;

/** Throws EPROTO unless the answer has the fields that the operation of its request needs. */
export function assertAnswerFields(request: RequestFields, answer: Answer): void {
  const row = requiredAnswerFields[request.op];
  if (answer.type === 'accept' && row?.accept === undefined)
    throw protocolError(`The operation ${request.op} has no accept.`);
  const values: Readonly<Partial<Record<AcceptField | ResultField, unknown>>> = answer;
  for (const name of row?.[answer.type] ?? []) {
    if (values[name] === undefined && !isExempt(name, request, answer))
      throw protocolError(`The ${answer.type} of the operation ${request.op} must have the field ${name}.`);
  }
  // The body of a first attempt begins with byte 0, whatever the server has.
  if (request.op === 'upload' && answer.type === 'accept' && request.offset === undefined) {
    if (answer.offset !== undefined)
      throw protocolError('The accept of an upload must have no offset, because its open has none.');
  }
}

/** The result, or the error of one that lacks fields, is about another path, or whose body was not accepted before. */
export function checkedResult(
  request: RequestFields,
  result: FrameOf<'result'>,
  wasAccepted: boolean,
): FrameOf<'result'> | TransferError {
  try {
    // A repeated batch is answered from its session.
    if (!wasAccepted && serverBodyOperations.has(request.op) && request.op !== 'batch')
      throw protocolError(`The server has sent the result of the operation ${request.op} before accept.`);
    assertAnswerFields(request, result);
    assertSamePath(request, result);
    return result;
  } catch (thrown) {
    return TransferError.from(thrown);
  }
}

/** Throws EPROTO if the result is about another path than its request. */
function assertSamePath({ op, path, to }: RequestFields, result: FrameOf<'result'>): void {
  const expected = op === 'rename' || op === 'copy' ? to : path;
  if (requiredAnswerFields[op]?.result.includes('path') && result.path !== expected)
    throw protocolError('The response is about another path than the request.');
}

/** The root has no path, a directory no size, the algorithm `none` no checksum. */
function isExempt(name: AcceptField | ResultField, request: RequestFields, { kind }: Answer): boolean {
  if (name === 'path') return request.path === undefined;
  if (name === 'size') return kind === 'directory';
  if (name === 'checksum') return request.checksum === 'none';
  return name === 'offset' && request.op === 'upload' && request.offset === undefined;
}
