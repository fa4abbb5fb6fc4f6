/** The table of an upload's states, cell by cell. */
import { expect, it } from 'vitest';
import {
  nextUploadState,
  uploadTransitions,
  type UploadEvent,
  type UploadState,
} from '../../../src/client/streams/upload-state.js';

const events = ['begin', 'accept', 'write', 'sent', 'end', 'result', 'complete', 'interrupt'] as const;

/** The state after each event, in the order of the events; a dash where the event cannot happen. */
const table: Record<UploadState, string> = {
  //            begin       accept  write       sent end   result   complete interrupt
  new: '        sending     -       new         -    -     -        -        interrupted',
  resuming: '   resuming    sending resuming    -    -     answered -        resuming',
  interrupted: 'interrupted sending interrupted -    -     answered -        interrupted',
  sending: '    -           sending sending     idle -     -        -        interrupted',
  idle: '       -           idle    sending     -    ended -        -        interrupted',
  ended: '      -           ended   -           -    -     answered -        interrupted',
  answered: '   -           -       -           -    -     -        closed   -',
  closed: '     -           -       -           -    -     -        -        -',
};

const cells = Object.entries(table).flatMap(([state, row]) => {
  const next = row.trim().split(/ +/);
  return events.map((event, index) => [state as UploadState, event, next[index]] as const);
});

it.each(cells)('an upload in the state %s is in %s after: %s', (state, event: UploadEvent, next) => {
  expect(nextUploadState(state, event) ?? '-').toBe(next);
});

it('the table of upload states has these states and no others', () => {
  expect(Object.keys(uploadTransitions)).toEqual(Object.keys(table));
  expect(cells).toHaveLength(8 * 8);
});
