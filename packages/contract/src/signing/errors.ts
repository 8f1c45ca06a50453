import { defineErrors, EXIT } from '../croft-error.ts';

/** Errors of reading a signed request. 603 is the API's word for a request that is not in its protocol. */
export const signingErrors = defineErrors({
  JSON_INVALID: {
    status: 400,
    apiCode: 603,
    exit: EXIT.badInput,
    hint: 'Send one JSON value as UTF-8 without a byte order mark, nested at most 64 deep.',
  },
});
