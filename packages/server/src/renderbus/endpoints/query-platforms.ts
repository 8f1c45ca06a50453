import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int } from '../fields.ts';
import { platformList } from '../platforms.ts';

/** Pools of nodes under the numbers that clients send in the header `platform`. */
export const endpoint = defineEndpoint({
  name: 'queryPlatforms',
  paths: ['/api/render/common/queryPlatforms'],
  mutates: false,
  request: z.object({ zone: int }),
  handle: async ({ zone }, { reads }) => platformList(await reads.platforms(), zone),
});
