/**
 * Allocates memory and frees it. A virtual machine returns unused memory to its host, often within two seconds, and
 * getting it back can cost more than a transfer: four times the cost of touching available memory. Without this step,
 * a contender that runs after a pause would pay for it.
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

/** Makes this much memory free, or half of the available memory. @param {number} sizeMiB */
export async function warmMemory(sizeMiB) {
  const mostMiB = freemem() / 2 / MIB;
  const child = spawn(process.execPath, [
    fileURLToPath(import.meta.url),
    String(Math.floor(Math.min(sizeMiB, mostMiB))),
  ]);
  await once(child, 'close');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) touch(Number(process.argv[2]));
