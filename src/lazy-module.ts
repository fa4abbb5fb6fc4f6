/** Loads a part of the library when it is first used. Later calls share the promise; after a failure the next call loads again. */
export function lazyModule<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loaded: Promise<Module> | undefined;
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    }));
}
