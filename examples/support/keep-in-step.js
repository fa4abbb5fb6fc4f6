/**
 * Keeps a local directory equal to one on the server, until the signal is aborted or a `sync` fails.
 *
 *     watch -> event: the copy is stale -> sync -> onStep
 *
 * An event only says that something has changed; `sync` finds out what. Events that come during a `sync` lead to one
 * more, however many they are.
 */
// @ts-check

/** @typedef {import('socket-ftp').FileClient} FileClient */
/** @typedef {{ remote: string, local: string, signal: AbortSignal, onStep: () => void }} Settings */

/** @type {(client: FileClient, settings: Settings) => Promise<void>} */
export async function keepInStep(client, { remote, local, signal, onStep }) {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const mirror = /** @type {const} */ ({ mode: 'mirror', maxDelete: 1_000, signal: either });
  let isStale = false;
  /** @type {Promise<void> | undefined} */
  let running;

  async function catchUp() {
    while (isStale) {
      isStale = false;
      // A file that disappears meanwhile is in `failed` of the result. Its event follows.
      await client.sync({ remote }, { local }, mirror);
      onStep();
    }
    running = undefined;
  }

  try {
    for await (const { kind } of client.watch(remote, { snapshot: true, recursive: true, signal: either })) {
      // After the `present` of the start comes `ready`, and after a lost connection `lost`: the copy is stale as well.
      if (kind === 'present') continue;
      isStale = true;
      running ??= catchUp().catch((/** @type {unknown} */ error) => failed.abort(error));
    }
  } finally {
    await running;
  }
}
