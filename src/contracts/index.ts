/**
 * The contracts of the extension points of socket-ftp, as cases for any test runner:
 * `for (const { name, run } of codecContract(codec)) test(name, run)`.
 *
 * @packageDocumentation
 * @module socket-ftp/contracts
 */
export type { ContractCase } from './contract-case.js';
export { codecContract } from './codec/codec-contract.js';
export { storageContract, type StorageContractOptions } from './storage/storage-contract.js';
export { fillStorageFixture } from './storage/storage-fixture.js';
export { strategyContract } from './strategy/strategy-contract.js';
