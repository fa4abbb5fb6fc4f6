/**
 * The terminal frame of a request, as a session remembers it: without `id` and `path`, which the repeated request has.
 * Each field is named: an object made by spreading another one takes several times the memory.
 */
import { hash } from 'node:crypto';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_FIELD_VALUE_BYTES } from '../../protocol/limits.js';
import { isMethodName } from '../../protocol/methods/method-name.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import { MAX_MESSAGE_LENGTH } from '../../session/channel/received-error.js';
import type { OperationResult } from '../operations/operation.js';

export type Answer =
  | {
      readonly type: 'result';
      readonly fields: Omit<AnswerFields<'result'>, 'path'>;
      /** Sent before the result. */
      readonly body: Buffer | undefined;
    }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly reason: string;
      /** Whether the error is about the `to` of the request. */
      readonly isAboutTarget: boolean;
      readonly details: unknown;
    };

/** Bytes of memory of an answer without texts, with its places in maps. */
const ANSWER_BYTES = 512;

export function resultAnswer({
  kind,
  size,
  mtime,
  etag,
  mode,
  bytes,
  checksum,
  count,
  value,
  body,
}: OperationResult): Answer {
  return { type: 'result', fields: { kind, size, mtime, etag, mode, bytes, checksum, count, value }, body };
}

/** The answer of a request that failed and must not be repeated. */
export function errorAnswer({ code, reason, path, details }: TransferError, { to }: FrameOf<'open'>): Answer {
  return {
    type: 'error',
    code,
    reason: copyOfStart(reason),
    isAboutTarget: path !== undefined && path === to,
    details,
  };
}

/** The fields of the result for a repeated request. */
export function resultFor(
  { fields }: Answer & { type: 'result' },
  { op, path, to }: FrameOf<'open'>,
): AnswerFields<'result'> {
  return { path: movesTo(op) ? to : path, ...fields };
}

/** The error for a repeated request. */
export function errorFor(
  { code, reason, isAboutTarget, details }: Answer & { type: 'error' },
  { to }: FrameOf<'open'>,
): TransferError {
  return new TransferError(code, reason, {
    retryable: false,
    path: isAboutTarget ? to : undefined,
    details,
  });
}

/** Bytes of memory that an answer takes, about. */
export function bytesOf(answer: Answer): number {
  if (answer.type === 'error') {
    const details = answer.details === undefined ? 0 : MAX_FIELD_VALUE_BYTES;
    return ANSWER_BYTES + 2 * (answer.reason.length + answer.code.length + details);
  }
  const { etag = '', checksum = '', value = '' } = answer.fields;
  const texts = etag.length + checksum.length + value.length;
  return ANSWER_BYTES + 2 * texts + (answer.body?.length ?? 0);
}

/** Equal for two requests if and only if operation, method and paths are equal. Short, whatever their length. */
export function keyOf({ op, path = '', to = '', method }: FrameOf<'open'>): string {
  if (op === 'call' && isMethodName(method)) return method;
  const target = movesTo(op) ? to : '';
  return hash('sha256', `${op}\0${path}\0${target}`, 'base64');
}

function movesTo(op: string): boolean {
  return op === 'rename' || op === 'copy';
}

/** A copy, because the start of a long text would keep all of it in memory. */
function copyOfStart(text: string): string {
  return text.length > MAX_MESSAGE_LENGTH ? Buffer.from(text.slice(0, MAX_MESSAGE_LENGTH)).toString() : text;
}
