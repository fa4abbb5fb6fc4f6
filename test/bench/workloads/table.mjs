/** The workloads by name. Each contender does them, or the table of contenders has the reason why not. */
// @ts-check
import { clients } from './bulk/clients.mjs';
import { downloadFile } from './bulk/download-file.mjs';
import { iterate } from './bulk/iterate.mjs';
import { pipeline } from './bulk/pipeline.mjs';
import { uploadDurable, uploadFile } from './bulk/upload-file.mjs';
import { first, fresh } from './connections/fresh.mjs';
import { idle } from './connections/idle.mjs';
import { program } from './connections/program.mjs';
import { calls, pings } from './requests/calls.mjs';
import { list } from './requests/list.mjs';
import { statAtOnce, statInTurn } from './requests/stat.mjs';
import { downloadFiles, downloadFilesInTurn } from './small/download-files.mjs';
import { pipelines } from './small/pipelines.mjs';
import { readFile } from './small/read-file.mjs';
import { uploadFiles, uploadFilesInTurn } from './small/upload-files.mjs';
import { writeFile } from './small/write-file.mjs';

/** @import { Workload } from './workload.mjs' */

/** @type {Record<string, Workload>} */
export const workloads = {
  pipeline,
  iterate,
  'download-file': downloadFile,
  'upload-file': uploadFile,
  'upload-durable': uploadDurable,
  'small-down': downloadFiles,
  'small-down-1': downloadFilesInTurn,
  'small-pipeline': pipelines,
  'small-up': uploadFiles,
  'small-up-1': uploadFilesInTurn,
  'read-file': readFile,
  'write-file': writeFile,
  list,
  stat: statInTurn,
  'stat-64': statAtOnce,
  'calls-64': calls,
  'ping-64': pings,
  fresh,
  first,
  program,
  'clients-100': clients,
  idle,
};

export const workloadNames = Object.keys(workloads);
