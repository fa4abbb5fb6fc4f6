/**
 * The sweeps of this process that are running, by the path of the part that they lock. A download of that part waits for
 * the end of its sweep. They never reject.
 */
export const runningSweeps = new Map<string, Promise<void>>();
