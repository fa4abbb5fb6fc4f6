/** The limits of commands that transfer. */
import { parsed } from '../runner/option-spec.js';
import { parseBandwidth } from '../values/bandwidth.js';
import { parseDuration } from '../values/duration.js';
import { parseSize } from '../values/size.js';

export const limitOptions = {
  limit: parsed('rate', 'Limits bytes a second, at least 1000: 10M, or 10M:1M for up and down', {
    parse: parseBandwidth,
  }),
  maxTime: parsed('duration', 'Ends after this time, with exit code 11; the same command continues', {
    parse: parseDuration,
  }),
  maxBytes: parsed('size', 'Begins no file after this number of bytes, and then ends with exit code 11', {
    parse: parseSize,
  }),
};
