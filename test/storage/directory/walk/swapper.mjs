// A thread that swaps a name of a tree and a link to the outside as fast as possible, until it gets the message to
// stop. For a moment the name does not exist; files that a request creates there in that moment are removed.
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

const { place, link, away, trash, outside, shared } = workerData;

const bins = new Set();
let thrownAway = 0;

parentPort.postMessage('swapping');
while (Atomics.load(shared, 0) === 0) {
  move(place, away);
  if (!move(link, place)) symlinkSync(outside, link);
  linger();
  move(place, link);
  move(away, place);
  linger();
  Atomics.add(shared, 1, 1);
}

/** Whether there was something to move. */
function move(from, to) {
  for (;;) {
    try {
      renameSync(from, to);
      return true;
    } catch (error) {
      if (error.code === 'ENOENT') return false;
      throwAway(to);
    }
  }
}

function throwAway(intruder) {
  const bin = `${trash}-${thrownAway++}`;
  try {
    renameSync(intruder, bin);
    bins.add(bin);
  } catch {
    // A request has moved it.
  }
  for (const each of bins) empty(each);
}

function empty(bin) {
  try {
    rmSync(bin, { recursive: true, force: true });
    bins.delete(bin);
  } catch {
    // A request is at work in it: the next time.
  }
}

function linger() {
  for (const end = performance.now() + Math.random() * 0.1; performance.now() < end;);
}
