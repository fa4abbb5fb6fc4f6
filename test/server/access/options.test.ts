import { describe, expect, it } from 'vitest';
import { accessSettings } from '../../../src/server/access/options.js';

describe('the access options of a server', () => {
  it('grant every permission to every client by default', () => {
    expect(accessSettings({})).toMatchObject({
      authenticate: undefined,
      authorize: undefined,
      permissions: ['read', 'write', 'delete', 'list', 'call'],
      quota: undefined,
      bandwidth: {},
      allowUnencryptedCredentials: false,
    });
  });

  it.each<[string, unknown, string]>([
    [
      'permissions',
      ['read', 'raed'],
      'The option permissions may contain read, write, delete, list, call, not raed.',
    ],
    ['permissions', 'read', 'The option permissions must be an array of permissions.'],
    ['authenticate', 'ann', 'The option authenticate must be a function, not string.'],
    ['authorize', {}, 'The option authorize must be a function, not object.'],
    ['quota', { bytes: -1 }, 'The option quota.bytes must be an integer from 0'],
    ['quota', { byte: 1 }, 'byte'],
    ['bandwidth', { download: 0 }, 'The option bandwidth.download must be an integer from 1'],
    [
      'bandwidth',
      { connection: { upload: 0 } },
      'The option bandwidth.connection.upload must be an integer from 1',
    ],
  ])('reject %s: %j', (name, value, message) => {
    const set = () => accessSettings({ [name]: value });
    expect(set).toThrow(TypeError);
    expect(set).toThrow(message);
  });
});
