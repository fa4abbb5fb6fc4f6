/**
 * The contracts of socket-ftp's plug-in points, as cases that any test runner can run:
 * `for (const { name, run } of codecContract(codec)) test(name, run)`.
 *
 * @packageDocumentation
 * @module socket-ftp/contracts
 */
export type { ContractCase } from './contract-case.js';
export { codecContract } from './codec-contract.js';
export { storageContract, type StorageContractOptions } from './storage-contract.js';
export { fillStorageFixture } from './storage-fixture.js';
export { strategyContract } from './strategy-contract.js';
