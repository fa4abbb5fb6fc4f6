/** A storage within a quota, with the inner storage, the account and a clock for the test. */
import { put, type WritableStorage } from '../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage, parseRemotePath, REMOTE_ROOT, type Quota, type Storage } from '../../../src/index.js';
import type { QuotaAccount } from '../../../src/server/quota/quota-account.js';
import { QuotaAccounts } from '../../../src/server/quota/quota-accounts.js';
import { withinQuota } from '../../../src/server/quota/within-quota.js';

export interface QuotaPlace<Kind extends Storage = Storage> {
  /** The storage that the identity uses. */
  readonly storage: WritableStorage & Pick<Storage, 'resume'>;
  /** The inner storage, as others see it. */
  readonly behind: Kind;
  readonly account: QuotaAccount;
  /** The same account by another connection. */
  again(quota?: Quota): WritableStorage;
  /** Lets time pass. */
  wait(ms: number): void;
  /** How often all was counted. */
  counted(): number;
}

/** A place with a quota; in memory unless another storage is given. */
export function quotaPlace(quota: Quota): QuotaPlace<MemoryStorage>;
export function quotaPlace<Kind extends Storage>(quota: Quota, behind: Kind): QuotaPlace<Kind>;
export function quotaPlace(quota: Quota, behind: Storage = new MemoryStorage()): QuotaPlace {
  let now = 0;
  let counts = 0;
  const accounts = new QuotaAccounts(() => now);
  const counting = new Proxy(behind, {
    get(target, name) {
      if (name === 'list') {
        return (...args: Parameters<Storage['list']>) => {
          if (args[0] === REMOTE_ROOT) counts += 1;
          return target.list(...args);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const make = (of: Quota): WritableStorage =>
    withinQuota(counting, { accounts, name: 'ann', quota: of }) as WritableStorage;
  return {
    storage: make(quota),
    behind,
    account: accounts.of('ann'),
    again: (other = quota) => make(other),
    wait: (ms) => (now += ms),
    counted: () => counts,
  };
}

/** The existing files. */
export async function usedIn(storage: Storage): Promise<{ bytes: number; files: number }> {
  let bytes = 0;
  let files = 0;
  for await (const { size } of storage.list(REMOTE_ROOT, { recursive: true })) {
    bytes += size;
    files += 1;
  }
  return { bytes, files };
}

/** Writes so many bytes to a path. */
export function putBytes(storage: WritableStorage, path: string, bytes: number): Promise<unknown> {
  return put(storage, path, Buffer.alloc(bytes));
}

export const at = parseRemotePath;
