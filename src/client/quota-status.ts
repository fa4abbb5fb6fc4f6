/** What a client learns of its quota. */
import type { CallOptions } from './request/abort.js';
import { callQuery } from './request/call.js';
import type { ClientContext } from './request/client-context.js';

/** What the client's identity stores, and what it may store. */
export interface QuotaStatus {
  /**
   * Bytes that count toward the quota: of all files, and of uploads that are running or suspended. Undefined if the server
   * does not count.
   */
  readonly usedBytes: number | undefined;
  /** Number of files and directories that count. Undefined if the server does not count. */
  readonly usedFiles: number | undefined;
  /** Upper limit of `usedBytes`. Undefined if there is none. */
  readonly quotaBytes: number | undefined;
  /** Upper limit of `usedFiles`. Undefined if there is none. */
  readonly quotaFiles: number | undefined;
  /** Bytes of the largest file that can be stored. Undefined if there is no limit. */
  readonly quotaFileBytes: number | undefined;
}

export async function quotaStatus(context: ClientContext, options: CallOptions): Promise<QuotaStatus> {
  const result = await callQuery(context, { op: 'quota' }, options);
  const { usedBytes, usedFiles, quotaBytes, quotaFiles, quotaFileBytes } = result;
  return { usedBytes, usedFiles, quotaBytes, quotaFiles, quotaFileBytes };
}
