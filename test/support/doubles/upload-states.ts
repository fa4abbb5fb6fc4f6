import { fakeUpload } from './fake-upload.js';

/** Fake uploads in each state. */
export const uploadStates = {
  new: () => fakeUpload(),
  'new, with bytes': () => {
    const made = fakeUpload();
    made.write('hello');
    return made;
  },
  sending: () => {
    const made = fakeUpload();
    made.begin();
    made.write('hello');
    return made;
  },
  idle: () => {
    const made = uploadStates.sending();
    made.take();
    return made;
  },
  ended: () => {
    const made = uploadStates.idle();
    made.transfer.end();
    return made;
  },
  'interrupted before its end': () => {
    const made = uploadStates.idle();
    made.lose();
    made.begin();
    return made;
  },
  'interrupted after its end': () => {
    const made = uploadStates.ended();
    made.lose();
    made.begin();
    return made;
  },
  resuming: () => {
    const made = fakeUpload({ isResumed: true, size: 5 });
    made.begin();
    return made;
  },
  answered: () => {
    const made = uploadStates.resuming();
    made.store();
    return made;
  },
  stored: () => {
    const made = uploadStates.ended();
    made.store();
    return made;
  },
  failed: () => {
    const made = uploadStates.idle();
    made.refuse('EEXIST');
    return made;
  },
};
