/**
 * The terminal frame of a request, as a session remembers it: without `id` and `path`, which the repeated request has.
 * Each field is named: an object made by spreading another one takes several times the memory.
 */
import { hash } from 'node:crypto';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import { MAX_MESSAGE_LENGTH } from '../../session/channel/received-error.js';

export type Answer =
  | { readonly type: 'result'; readonly fields: Omit<AnswerFields<'result'>, 'path'> }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly reason: string;
      /** Whether the error is about the `to` of the request. */
      readonly isAboutTarget: boolean;
    };

/** Bytes of memory of an answer without texts, with its places in maps. */
const ANSWER_BYTES = 512;

export function resultAnswer(result: AnswerFields<'result'>): Answer {
  const { kind, size, mtime, etag, bytes, checksum, count } = result;
  return { type: 'result', fields: { kind, size, mtime, etag, bytes, checksum, count } };
}

/** The answer of a request that failed and must not be repeated. */
export function errorAnswer({ code, reason, path }: TransferError, { to }: FrameOf<'open'>): Answer {
  return {
    type: 'error',
    code,
    reason: copyOfStart(reason),
    isAboutTarget: path !== undefined && path === to,
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
  { code, reason, isAboutTarget }: Answer & { type: 'error' },
  { to }: FrameOf<'open'>,
): TransferError {
  return new TransferError(code, reason, { retryable: false, path: isAboutTarget ? to : undefined });
}

/** Bytes of memory that an answer takes, about. */
export function bytesOf(answer: Answer): number {
  const texts =
    answer.type === 'error'
      ? answer.reason.length + answer.code.length
      : (answer.fields.etag?.length ?? 0) + (answer.fields.checksum?.length ?? 0);
  return ANSWER_BYTES + 2 * texts;
}

/** Equal for two requests if and only if operation and paths are equal. Short, whatever the length of the paths. */
export function keyOf({ op, path = '', to = '' }: FrameOf<'open'>): string {
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
