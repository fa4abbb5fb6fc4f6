/** Kinds of file systems, and what Linux tells of where they are mounted. */

/** Those whose files are in memory or on a disk of this machine, by the name and the number that Linux has for them. */
const localTypes = new Map([
  ['bcachefs', 0xca451a4e],
  ['btrfs', 0x9123683e],
  ['erofs', 0xe0f5e1e2],
  ['ext2', 0xef53],
  ['ext3', 0xef53],
  ['ext4', 0xef53],
  ['f2fs', 0xf2f52010],
  ['jfs', 0x3153464a],
  ['overlay', 0x794c7630],
  ['ramfs', 0x858458f6],
  ['squashfs', 0x73717368],
  ['tmpfs', 0x01021994],
  ['xfs', 0x58465342],
  ['zfs', 0x2fc12fc1],
]);

const localNumbers = new Set(localTypes.values());

/** Whether a file system is on this machine, by its name or number. Of one that is not known, nobody can say. */
export function isLocalMountType(type: string | number): boolean {
  return typeof type === 'string' ? localTypes.has(type) : localNumbers.has(type);
}

/** The names of the file systems that are mounted below a directory, by the text of `/proc/self/mountinfo`. */
export function mountedBelow(directory: string, mountinfo: string): string[] {
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  return mountinfo.split('\n').flatMap((line) => {
    // 36 35 98:0 /source /place rw,noatime master:1 - ext4 /dev/root rw
    const [mount = '', fileSystem = ''] = line.split(' - ');
    const place = unescaped(mount.split(' ')[4] ?? '');
    const [type = ''] = fileSystem.split(' ');
    return place !== directory && place.startsWith(prefix) ? [type] : [];
  });
}

/** A space in a name stands there as `\040`. */
function unescaped(place: string): string {
  return place.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
