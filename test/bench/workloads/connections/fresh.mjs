/** A connection for one small file. It is closed before the next one is made, which does not count. */
// @ts-check
import { timesInTurn } from '../../measuring/at-once.mjs';
import { ONE } from '../amounts.mjs';
import { connections } from '../workload.mjs';

/** @import { Scene, Workload } from '../workload.mjs' */

export const fresh = connections('a fresh connection and a small file, median', {
  run: (scene) => connectOften(scene, scene.amount.connects),
  units: ({ connects }) => connects,
});

/** Everything is cold: the code of both ends was just loaded. @type {Workload} */
export const first = {
  ...connections('the first 100 connections of two processes, a small file each, mean', {
    run: (scene) => connectOften(scene, scene.amount.firsts),
    units: ({ firsts }) => firsts,
  }),
  isFirst: true,
};

/** @type {(scene: Scene, count: number) => Promise<import('../workload.mjs').Outcome>} */
async function connectOften({ connect }, count) {
  const times = await timesInTurn(count, async () => {
    const session = connect();
    await session.readFile(ONE);
    return () => session.close();
  });
  return { times };
}
