/** One damaged byte in each of many large files: it is found about a MiB later, and the file is right all the same. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { codecs } from './fixtures/fast-ends.js';
import { damagedBody, MAX_BYTES_UNTIL_FOUND } from './fixtures/damaged-body.js';
import { withinResources } from './fixtures/resources.js';
import type { Direction } from './network/connection-faults.js';
import { reportNumbers } from './numbers.js';
import { chanceOf, isLong, sized } from './size.js';

const SIZE = 64 * 1024 * 1024;

/** 512 MiB and their checksums are work for a processor, which others may use. */
const TIMEOUT_MS = isLong ? 3_600_000 : 300_000;

it('a damaged byte of a large file is found soon', { timeout: TIMEOUT_MS }, async (context) => {
  const count = sized(8, 400);
  const chance = chanceOf('damaged-bodies');
  const numbers = { transfers: count, 'bytes at most until found': 0, 'bytes sent twice': 0 };
  const memory = await withinResources(async () => {
    for (let number = 0; number < count; number += 1) {
      const codec = codecs[number % codecs.length]!;
      const direction: Direction = (number >> 2) % 2 === 1 ? 'toClient' : 'toServer';
      const at = chance.fork(number).integer(1_000, SIZE - 1);
      const place = await damagedBody({ codec, direction, size: SIZE, at });
      const isDownload = direction === 'toClient';
      if (isDownload) await place.client.downloadFile('file', place.local);
      else await place.client.uploadFile(place.local, 'file');
      const received = await fs.readFile(isDownload ? place.local : path.join(place.remote, 'file'));
      expect(received.equals(place.bytes), `transfer ${number}`).toBe(true);
      // A download continues after the last byte that was verified; an upload starts again.
      const twice = place.carried() - SIZE;
      const untilFound = isDownload ? twice : twice - at;
      expect(untilFound, `transfer ${number}, damaged at ${at}`).toBeLessThan(MAX_BYTES_UNTIL_FOUND);
      numbers['bytes at most until found'] = Math.max(numbers['bytes at most until found'], untilFound);
      numbers['bytes sent twice'] += twice;
      await place.close();
    }
  });
  reportNumbers(context, { ...numbers, ...memory });
});
