/** All abuse of clients in one codec: what it comes to, and what is left of it. */
import { expect } from 'vitest';
import type { ClientCase } from './abuse-case.js';
import { baseline, whatIsLeft } from './baseline.js';
import { Bystander } from './bystander.js';
import { playAll, type Play } from './play-all.js';
import { playAgainstClient } from './play-client.js';
import { openScene } from './scene.js';

/** Cases after which the process must be as it was before. */
const BATCH = 1_500;

/** Plays them. Fails unless each comes to what it must, leaves nothing, and harms no other client. Resolves with numbers. */
export async function abuseClients(plays: readonly Play<ClientCase>[]): Promise<Record<string, number>> {
  const { server, port } = await openScene();
  const bystander = new Bystander(port);
  await bystander.step();
  const wrong: string[] = [];
  let slowestMs = 0;
  const play = (part: readonly Play<ClientCase>[]) =>
    playAll(part, playAgainstClient, () => bystander.step());
  // What is compiled and made once is not what is measured.
  await play(plays.slice(0, BATCH / 10));
  const before = await baseline();
  for (let from = 0; from < plays.length; from += BATCH) {
    const played = await play(plays.slice(from, from + BATCH));
    wrong.push(...played.wrong);
    slowestMs = Math.max(slowestMs, played.slowestMs);
    const left = await whatIsLeft(before);
    if (left !== undefined) wrong.push(`The cases up to ${from + BATCH} leave ${left}.`);
  }
  await bystander.finish();
  await server.close();
  expect(wrong).toEqual([]);
  return { plays: plays.length, 'requests of others': bystander.stepsTaken, 'ms the slowest': slowestMs };
}
