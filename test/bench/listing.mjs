/** The contenders and workloads, missing requirements, and combinations that cannot be measured. */
// @ts-check
import { missingFor } from './availability.mjs';
import { contenders } from './contenders/table.mjs';
import { workloads } from './workloads/table.mjs';

export async function printListing() {
  console.log('workloads');
  for (const [name, { title, unit }] of Object.entries(workloads))
    console.log(`  ${name.padEnd(16)}${title}, ${unit}`);
  console.log('\npeers');
  for (const [name, { title, cannot }] of Object.entries(contenders)) {
    const missing = await missingFor(name);
    console.log(`  ${name.padEnd(16)}${title}${missing === undefined ? '' : ` - not here: ${missing}`}`);
    for (const [reason, without] of byReason(cannot))
      console.log(`  ${' '.repeat(16)}${reason}: no ${without.join(', ')}`);
  }
}

/** @type {(cannot: Record<string, string>) => Map<string, string[]>} */
function byReason(cannot) {
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const [workload, reason] of Object.entries(cannot))
    reasons.set(reason, [...(reasons.get(reason) ?? []), workload]);
  return reasons;
}
