/** Requests whose path may name a directory by a `/` at its end. */
import { systemClock } from '../../clock.js';
import { TransferError } from '../../errors.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { requiredDate, requiredMode } from '../../options/option.js';
import { namesDirectory } from '../../protocol/remote-path.js';
import type { RequestFields } from '../../session/client-session.js';
import type { CallOptions } from './abort.js';
import { callChange, callIdempotentChange, callQuery } from './call.js';
import type { ClientContext } from './client-context.js';
import { recursiveFields, replaceFields, type RemoveOptions, type ReplaceOptions } from './fields.js';
import {
  assertNamedKind,
  assertSamePath,
  parseNonRootPath,
  parsePathArgument,
  pathField,
} from './path-argument.js';

/** The path arguments of a request, its options, and how it is sent; default: by `callChange`. */
interface NamedCall {
  readonly args: readonly string[];
  readonly options: CallOptions;
  readonly call?: typeof callChange;
}

/** The entry at a path. */
export async function stat(context: ClientContext, path: string, options: CallOptions): Promise<FileEntry> {
  const checked = parsePathArgument('stat', path);
  const result = await callQuery(context, { op: 'stat', path: pathField(checked) }, options);
  assertSamePath(checked, result.path);
  assertNamedKind('stat', path, result.kind);
  return parseEntry(result);
}

/** Removes a file or directory. */
export async function remove(
  context: ClientContext,
  path: string,
  { recursive, ...options }: RemoveOptions,
): Promise<void> {
  const fields = recursiveFields('remove', path, recursive);
  const { path: removed = fields.path } = await callOnNamed(context, fields, { args: [path], options });
  assertSamePath(fields.path, removed);
}

/** Renames a file or directory. */
export async function rename(
  context: ClientContext,
  { from, to }: { from: string; to: string },
  { overwrite, ...options }: ReplaceOptions,
): Promise<void> {
  const fields = replaceFields('rename', { from, to, overwrite });
  const { path: renamed = fields.to } = await callOnNamed(context, fields, { args: [from, to], options });
  assertSamePath(fields.to, renamed);
}

/** Sets the modification time of a file or directory. */
export async function utimes(
  context: ClientContext,
  { path, mtime }: { path: string; mtime: Date },
  options: CallOptions,
): Promise<FileEntry> {
  const checked = parseNonRootPath('utimes', path);
  const fields = { op: 'utimes', path: checked, mtime: requiredDate('mtime', mtime) };
  const result = await callOnNamed(context, fields, { args: [path], options, call: callIdempotentChange });
  assertSamePath(checked, result.path);
  return parseEntry(result);
}

/** Sets the permission bits of a file or directory. */
export async function chmod(
  context: ClientContext,
  { path, mode }: { path: string; mode: number },
  options: CallOptions,
): Promise<FileEntry> {
  const checked = parseNonRootPath('chmod', path);
  const fields = { op: 'chmod', path: checked, mode: requiredMode(mode) };
  const result = await callOnNamed(context, fields, { args: [path], options, call: callIdempotentChange });
  assertSamePath(checked, result.path);
  return parseEntry(result);
}

/**
 * Sends a request that changes what is at its path. If one of the path arguments has a `/` at its end, it asks for the kind
 * of what is at the path before: ENOTDIR for a file.
 */
export async function callOnNamed(
  context: ClientContext,
  fields: RequestFields,
  { args, options, call = callChange }: NamedCall,
): Promise<FrameOf<'result'>> {
  const named = args.find(namesDirectory);
  if (named === undefined) return call(context, fields, options);
  const startedMs = systemClock();
  assertNamedKind(fields.op, named, await kindAt(context, fields, options));
  return call(context, fields, { ...options, timeoutMs: timeLeft(options, startedMs) });
}

/** What is left of the time limit, in ms: at least 1. */
function timeLeft({ timeoutMs }: CallOptions, startedMs: number): number | undefined {
  if (timeoutMs === undefined) return undefined;
  return Math.max(1, Math.floor(timeoutMs - (systemClock() - startedMs)));
}

async function kindAt(
  context: ClientContext,
  { op: operation, path }: RequestFields,
  options: CallOptions,
): Promise<string | undefined> {
  try {
    return (await callQuery(context, { op: 'stat', path }, options)).kind;
  } catch (thrown) {
    if (!(thrown instanceof TransferError)) throw thrown;
    const { code, reason, retryable, retryAfterMs, cause } = thrown;
    throw new TransferError(code, reason, { operation, path, retryable, retryAfterMs, cause });
  }
}
