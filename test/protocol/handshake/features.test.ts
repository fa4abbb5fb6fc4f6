import { expect, it } from 'vitest';
import { featureNames, formatFeatures, parseFeatures } from '../../../src/protocol/handshake/features.js';

it('features are words separated by commas; unknown ones are ignored', () => {
  expect([...parseFeatures('x-later,session,SESSION, quota,session')]).toEqual(['session']);
  expect([...parseFeatures('')]).toEqual([]);
  expect([...parseFeatures(undefined)]).toEqual([]);
  expect([...parseFeatures(formatFeatures(featureNames))]).toEqual([...featureNames]);
});
