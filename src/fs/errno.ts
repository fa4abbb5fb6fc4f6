/** Checks of the codes of system errors. */

/** Whether a thrown value has one of these codes. */
export function hasErrno(thrown: unknown, ...codes: string[]): boolean {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    codes.includes(thrown.code)
  );
}

/** The value of a promise; `undefined` if it rejects with ENOENT. */
export async function unlessMissing<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The value of a promise; `undefined` if it rejects with EACCES. */
export async function unlessDenied<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasErrno(error, 'EACCES')) return undefined;
    throw error;
  }
}

/** Whether `link()` failed because the file system has no hard links, or allows no more links to this file. */
export function lacksHardLinks(thrown: unknown): boolean {
  return hasErrno(thrown, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK');
}
