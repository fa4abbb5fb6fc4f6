/**
 * Takes memory and lets it go. A virtual machine gives memory that nobody uses back to its host, often within a second or two,
 * and to fetch it again can cost more than a transfer: four times what it costs to touch memory that is there. Who happened
 * to run after a pause would be measured by that.
 */
// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freemem } from 'node:os';
import { fileURLToPath } from 'node:url';

const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;

/** As one piece, a little of it at a time: a process that ends gives all of it back. @param {number} sizeMiB */
function touch(sizeMiB) {
  const held = Array.from({ length: sizeMiB }, () => Buffer.allocUnsafeSlow(MIB));
  for (const piece of held) for (let at = 0; at < MIB; at += PAGE_BYTES) piece[at] = 1;
}

/** Sees to it that so much free memory is at hand, or half of what there is. @param {number} sizeMiB */
export async function warmMemory(sizeMiB) {
  const mostMiB = freemem() / 2 / MIB;
  const child = spawn(process.execPath, [
    fileURLToPath(import.meta.url),
    String(Math.floor(Math.min(sizeMiB, mostMiB))),
  ]);
  await once(child, 'close');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) touch(Number(process.argv[2]));
