/** All abuse of clients in one codec: its outcome, and the resources that remain. */
import { expect } from 'vitest';
import type { ClientCase } from '../abuse-case.js';
import { baseline, remainingResources } from '../baseline.js';
import { Bystander } from '../server/bystander.js';
import { playAll, type Play } from '../play-all.js';
import { playAgainstClient } from './play-client.js';
import { openScene } from '../server/scene.js';

/** Cases after which the process must be as it was before. */
const BATCH = 1_500;

/** Plays the cases. Fails unless each has its outcome and affects no other client. Resolves with numbers. */
export async function abuseClients(plays: readonly Play<ClientCase>[]): Promise<Record<string, number>> {
  const { server, port } = await openScene();
  const bystander = new Bystander(port);
  await bystander.step();
  const wrong: string[] = [];
  let slowestMs = 0;
  const play = (part: readonly Play<ClientCase>[]) =>
    playAll(part, playAgainstClient, () => bystander.step());
  // Code that is compiled and objects that are made once are not part of the measurement.
  await play(plays.slice(0, BATCH / 10));
  const before = await baseline();
  for (let from = 0; from < plays.length; from += BATCH) {
    const played = await play(plays.slice(from, from + BATCH));
    wrong.push(...played.wrong);
    slowestMs = Math.max(slowestMs, played.slowestMs);
    const left = await remainingResources(before);
    if (left !== undefined) wrong.push(`The cases up to ${from + BATCH} leave ${left}.`);
  }
  await bystander.finish();
  await server.close();
  expect(wrong).toEqual([]);
  return { plays: plays.length, 'requests of others': bystander.stepsTaken, 'ms the slowest': slowestMs };
}
