import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLocalMountType, LocalMount, mountedBelow } from '../../src/sync-fs/local-mount.js';
import { temporaryDirectory } from '../support/servers/serve.js';

const mountinfo = `
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:22 / /srv/files/far rw,relatime shared:7 master:2 - nfs4 server:/files rw,vers=4.2
24 22 0:23 / /srv/files rw,relatime - xfs /dev/vdb rw
25 22 0:24 / /srv/files-too rw,relatime - fuse.sshfs sftp:/files rw
26 22 0:25 / /srv/files/a\\040b\\134c rw,relatime - tmpfs tmpfs rw
`;

describe('the mounts below a directory', () => {
  it('are found, without those at the directory itself or beside it', () => {
    expect(mountedBelow('/srv/files', mountinfo)).toEqual(['nfs4', 'tmpfs']);
    expect(mountedBelow('/srv/files/far', mountinfo)).toEqual([]);
    expect(mountedBelow('/home', mountinfo)).toEqual([]);
  });

  it('are all but the root mount, for the root directory', () => {
    expect(mountedBelow('/', mountinfo)).toEqual(['nfs4', 'xfs', 'fuse.sshfs', 'tmpfs']);
  });

  it('are found under escaped names', () => {
    const inner = mountinfo.replace('b\\134c', 'b\\134c/inner');
    expect(mountedBelow('/srv/files/a b\\c', inner)).toEqual(['tmpfs']);
  });
});

describe('the type of a file system', () => {
  it.each(['ext4', 'xfs', 'btrfs', 'tmpfs', 'overlay', 'zfs', 0xef53, 0x01021994])('is local: %s', (type) => {
    expect(isLocalMountType(type)).toBe(true);
  });

  it.each([
    'nfs4',
    'cifs',
    'autofs',
    'fuse',
    'fuse.sshfs',
    '9p',
    'proc',
    'ext5',
    '',
    0x6969,
    0x65735546,
    0x9fa0,
  ])('is not known to be local: %s', (type) => expect(isLocalMountType(type)).toBe(false));
});

describe('a mount root', () => {
  it('is not considered local before that is known, or some time after it was', async () => {
    const root = new LocalMount('/proc/self/fd');
    expect(root.isLocal(0)).toBe(false);
    await root.check(0);
    expect(root.isLocal(0)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is local on a disk of this machine, or in its memory', async () => {
    for (const place of [await temporaryDirectory(), '/dev/shm']) {
      const root = new LocalMount(place);
      await root.check(5_000);
      expect(root.isLocal(5_000), place).toBe(true);
      expect(root.isLocal(5_999), place).toBe(true);
      expect(root.isLocal(7_000), place).toBe(false);
    }
  });

  it('is not local if it does not exist, and is checked again', async () => {
    const root = new LocalMount(path.join(await temporaryDirectory(), 'missing'));
    await root.check(0);
    expect(root.isLocal(1)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is awaited when it may be local', async () => {
    const root = new LocalMount(await temporaryDirectory());
    expect(root.isLocal(performance.now())).toBe(false);
    expect(await Promise.all([root.isLocalSoon(), root.isLocalSoon()])).toEqual([true, true]);
    expect(root.isLocal(performance.now())).toBe(true);
  });

  it('is not awaited when it was not local the last time', async () => {
    const root = new LocalMount('/proc/self/fd');
    await root.check(-10_000);
    let isOver = false;
    const asking = root.check(performance.now()).then(() => (isOver = true));
    expect(await root.isLocalSoon()).toBe(false);
    expect(isOver).toBe(false);
    await asking;
  });
});
