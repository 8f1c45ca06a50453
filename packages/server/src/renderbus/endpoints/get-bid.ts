import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/**
 * `sub_user_output_bids` are of a main account's sub-accounts, and for the main account only; `parent_input_bid` is the main
 * account's input storage for a sub-account that shares its assets, and its own for everybody else.
 * Storage ids stay text everywhere: they have 18 digits, more than a JavaScript number holds.
 */
export const endpoint = defineEndpoint({
  name: 'getBid',
  paths: ['/api/render/transfer/getBid', '/api/render/task/getTransferBid'],
  mutates: false,
  request: nothing,
  async handle(_, { calls, caller }) {
    const ids = await calls.storageIds(caller.accountId);
    return {
      config_bid: ids.config,
      input_bid: ids.input,
      output_bid: ids.output,
      parent_input_bid: ids.parentInput,
      sub_user_output_bids: ids.subOutputs,
    };
  },
});
