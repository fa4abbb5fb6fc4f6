/** Tests of permissions, which do not apply to the superuser. */

/** A user without files, and its group. */
const UNPRIVILEGED_ID = 65534;

/** Runs a function as a user to whom permissions apply: as the user of this process, unless it is the superuser. */
export async function asUnprivilegedUser(run: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return run();
  process.setegid?.(UNPRIVILEGED_ID);
  process.seteuid?.(UNPRIVILEGED_ID);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
