/** A step of a plan in a line of text: a sign, the reason, and the path. */
import type { SyncAction } from '../../../index.js';
import type { Piece, Style } from '../../output/output.js';
import { formatSize } from '../../values/size.js';

/** Columns of the longest reason, `unreadable`. */
const REASON_COLUMNS = 10;

type Sign = '+' | '~' | '-' | '>' | '!';

const styles: Record<Sign, Style> = { '+': 'green', '~': 'yellow', '-': 'red', '>': 'cyan', '!': 'red' };

/** The line of an action. A directory ends with `/`. */
export function actionLine(action: SyncAction): Piece[] {
  const sign = signOf(action);
  return [[styles[sign], sign], ` ${reasonOf(action).padEnd(REASON_COLUMNS)} ${whatOf(action)}`];
}

function signOf(action: SyncAction): Sign {
  switch (action.kind) {
    case 'make-directory':
      return '+';
    case 'transfer':
    case 'copy':
      return action.target ? '~' : '+';
    case 'append':
    case 'touch':
      return '~';
    case 'rename':
      return '>';
    case 'delete':
      return '-';
    case 'problem':
      return '!';
  }
}

function reasonOf({ kind, reason }: SyncAction): string {
  if (kind === 'rename') return 'rename';
  if (reason === 'content') return 'hash';
  if (reason === 'mtime-and-mode') return 'mtime,mode';
  return reason === 'same-content' ? 'copy' : reason;
}

function whatOf(action: SyncAction): string {
  switch (action.kind) {
    case 'make-directory':
      return action.path === '' ? './' : `${action.path}/`;
    case 'transfer':
    case 'append':
      return `${action.path} (${formatSize(action.bytes)})`;
    case 'copy':
    case 'rename':
      return `${action.from} -> ${action.path}`;
    case 'touch':
      return `${action.path === '' ? './' : action.path} (its content is equal)`;
    case 'delete':
      return action.entry === 'directory' ? `${action.path}/` : action.path;
    case 'problem':
      return `${action.path}: ${action.message}`;
  }
}
