/** Every target, in the order in which they run. */
import type { Target } from './target.js';
import { batchAnswersTarget } from './targets/batch-answers.js';
import { batchRequestsTarget } from './targets/batch-requests.js';
import { clientTarget } from './targets/client.js';
import { commitRecordTarget } from './targets/commit-record.js';
import { datagramsTarget } from './targets/datagrams.js';
import { decoderTarget } from './targets/decoder.js';
import { detectionTarget } from './targets/detection.js';
import { ignoreRulesTarget } from './targets/ignore-rules.js';
import { jsonLinesTarget } from './targets/json-lines.js';
import { localNoteTarget } from './targets/local-note.js';
import { pathTarget } from './targets/paths.js';
import { proxyHeaderTarget } from './targets/proxy-header.js';
import { serverTarget } from './targets/server.js';
import { xmlLinesTarget } from './targets/xml-lines.js';

export const targets: readonly Target[] = [
  decoderTarget('text'),
  decoderTarget('json'),
  decoderTarget('xml'),
  decoderTarget('binary'),
  jsonLinesTarget,
  xmlLinesTarget,
  detectionTarget,
  pathTarget,
  proxyHeaderTarget,
  serverTarget,
  clientTarget,
  commitRecordTarget,
  localNoteTarget,
  batchRequestsTarget,
  batchAnswersTarget,
  ignoreRulesTarget,
  datagramsTarget,
];

/** The targets of these names; all of them if there are none. Throws a TypeError for a name that none has. */
export function targetsNamed(names: readonly string[]): readonly Target[] {
  for (const name of names) {
    if (targets.some((target) => target.name === name)) continue;
    const known = targets.map((target) => target.name).join(', ');
    throw new TypeError(`There is no target ${name}, only ${known}.`);
  }
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name));
}
