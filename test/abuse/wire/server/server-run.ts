/** All abuse of a server in one codec: its outcome, and the resources that remain. */
import { expect } from 'vitest';
import type { ServerCase } from '../abuse-case.js';
import { baseline, remainingResources } from '../baseline.js';
import { Bystander } from './bystander.js';
import { playAgainstServer } from './play-server.js';
import { playAll, type Play } from '../play-all.js';
import { changedFiles, openScene } from './scene.js';

/** Cases after which the server must be as it was before. */
const BATCH = 1_500;

/** Plays the cases on one server. Fails unless each has its outcome and leaves nothing. Resolves with numbers. */
export async function abuseServer(plays: readonly Play<ServerCase>[]): Promise<Record<string, number>> {
  const { server, port } = await openScene();
  const bystander = new Bystander(port);
  await bystander.step();
  const wrong: string[] = [];
  let slowestMs = 0;
  const play = (part: readonly Play<ServerCase>[]) =>
    playAll(
      part,
      (abuse, way) => playAgainstServer(port, abuse, way),
      () => bystander.step(),
    );
  // Code that is compiled and objects that are made once are not part of the measurement.
  await play(plays.slice(0, BATCH / 10));
  const before = await baseline();
  const held = server.stats();
  for (let from = 0; from < plays.length; from += BATCH) {
    const played = await play(plays.slice(from, from + BATCH));
    wrong.push(...played.wrong);
    slowestMs = Math.max(slowestMs, played.slowestMs);
    const left = await remainingResources(before);
    if (left !== undefined) wrong.push(`The cases up to ${from + BATCH} leave ${left}.`);
    const { connections, activeRequests, queuedRequests } = server.stats();
    expect({ connections, activeRequests, queuedRequests }).toEqual({
      connections: held.connections,
      activeRequests: held.activeRequests,
      queuedRequests: held.queuedRequests,
    });
    wrong.push(...(await changedFiles(bystander.client)));
  }
  await bystander.finish();
  await server.close();
  expect(wrong).toEqual([]);
  return { plays: plays.length, 'requests of others': bystander.stepsTaken, 'ms the slowest': slowestMs };
}
