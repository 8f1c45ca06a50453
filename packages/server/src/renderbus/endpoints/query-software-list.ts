import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';
import { softwareList } from '../software.ts';

/** The apps of the farm: what its nodes have and what the operator declares. `iconPath` is a picture of the farm's. */
export const endpoint = defineEndpoint({
  name: 'querySoftwareList',
  paths: ['/api/render/plugin/querySoftwareList', '/api/render/common/querySupportedSoftware'],
  mutates: false,
  request: nothing,
  handle: async (_, { reads }) => softwareList(await reads.catalogueApps()),
});
