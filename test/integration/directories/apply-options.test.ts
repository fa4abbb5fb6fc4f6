/** The options of carrying out plans. */
import { describe, expect, it } from 'vitest';
import { sides } from '../../support/directories/sides.js';

describe('applyPlan', () => {
  it.each([
    [{ dryRun: 'yes' }, /dryRun/],
    [{ backupDirectory: '../out' }, /backupDirectory/],
    [{ onAction: 1 }, /onAction/],
    [{ mode: 'mirror' }, /no option mode/],
  ])('rejects the options %j with a TypeError', async (options, message) => {
    const at = await sides('upload');
    const call = at.client.applyPlan([], at, options as object);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(message);
  });
});

describe('sync', () => {
  it.each([
    ['sync', { unknown: 1 }],
    ['sync', { mode: 'all' }],
    ['uploadDirectory', { mode: 'mirror' }],
    ['uploadDirectory', { maxDelete: 1 }],
    ['downloadDirectory', { dryRun: 1 }],
  ] as const)('%s rejects the options %j with a TypeError', async (method, options) => {
    const { client, from, to, source, target } = await sides('upload');
    const calls = {
      sync: () => client.sync(from, to, options as object),
      uploadDirectory: () => client.uploadDirectory(source, '/', options as object),
      downloadDirectory: () => client.downloadDirectory('/', target, options as object),
    };
    await expect(calls[method]()).rejects.toThrow(TypeError);
  });

  it('rejects two local directories, and an empty path', async () => {
    const { client, source } = await sides('upload');
    await expect(client.sync({ local: source }, { local: source })).rejects.toThrow(TypeError);
    await expect(client.uploadDirectory('', '/')).rejects.toThrow(TypeError);
    await expect(client.downloadDirectory('', source)).rejects.toThrow(TypeError);
  });
});
