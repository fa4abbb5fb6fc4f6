/**
 * The optional parts of the protocol, which each end names in the handshake: `session,upload-status,methods`. A part is in
 * force if the ends that must name it have done so.
 */

/** The names of all parts. `session` must be named by both ends, the others by the server. */
export const featureNames = [
  'session',
  'upload-status',
  'quota',
  'methods',
  'watch',
  'follow',
  'batch',
  'udp',
] as const;

/** The name of an optional part of the protocol. */
export type Feature = (typeof featureNames)[number];

const knownFeatures: ReadonlySet<string> = new Set(featureNames);

/** The known names in a field `features`; without the field none. Ignores all other words. */
export function parseFeatures(text: string | undefined): ReadonlySet<Feature> {
  return new Set(text?.split(',').filter(isFeature));
}

/** The value of a field `features`. */
export function formatFeatures(features: readonly Feature[]): string {
  return features.join(',');
}

/** The value of the field in `welcome`. */
export function offeredFeatures(hasUdp: boolean): string {
  return formatFeatures(featureNames.filter((name) => hasUdp || name !== 'udp'));
}

function isFeature(word: string): word is Feature {
  return knownFeatures.has(word);
}
