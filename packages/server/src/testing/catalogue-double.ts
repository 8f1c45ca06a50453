/** The catalogue's reads for tests of the doors: one Blender, one platform, one hardware, one package, one environment. */
import type { HardwareRow, PlatformRow } from '@croft/contract';
import type { CatalogueReads } from '@croft/farm';

const PLATFORM: PlatformRow = {
  id: 2,
  name: 'query_platform_w2',
  zone: 2,
  type: 'cpu',
  prefix: '2W',
  shown: true,
  declared: false,
  nodes: ['render-1'],
  slots: 1,
  onlineSlots: 1,
  running: 1,
};

const HARDWARE: HardwareRow = {
  id: 301,
  platform: 2,
  type: 'cpu',
  model: 'Default',
  ramGb: 64,
  gpus: 0,
  enabled: true,
  declared: false,
  nodes: 1,
  notSupportCgIds: [],
  notSupportCodes: [],
  notSupportCgVersions: [],
  notSupportPlugins: [],
};

const APP = {
  cgId: 2007,
  app: 'blender',
  name: 'Blender',
  versions: ['3.4.1'],
  installed: ['3.4.1'],
  plugins: [{ id: 1652, name: 'zblur', version: '2.02.019' }],
  onLinux: true,
};

/** `checkTasks` throws for tasks that are unknown or foreign. */
export function catalogueDouble(checkTasks: (taskIds: readonly number[]) => void): CatalogueReads {
  const renderEnvs: CatalogueReads['renderEnvs'] = async (_accountId, { cgIds }) =>
    cgIds.length > 0 && !cgIds.includes(2007)
      ? []
      : [
          {
            cgId: 2007,
            cgName: 'Blender',
            cgVersion: '3.4',
            editName: 'film',
            osName: 0,
            renderLayerType: 0,
            projectPath: '',
            plugins: APP.plugins,
            isDefault: true,
            isOfMainAccount: true,
          },
        ];
  return {
    catalogue: async () => ({
      file: { loadedAt: null, problem: null },
      platforms: [PLATFORM],
      apps: [APP],
      hardware: [HARDWARE],
      packages: [],
    }),
    catalogueApps: async () => [APP],
    platforms: async () => [PLATFORM],
    hardware: async () => [HARDWARE],
    async hardwareOfTasks(_accountId, taskIds) {
      checkTasks(taskIds);
      return [HARDWARE.id];
    },
    taskPrefix: async () => '2W',
    nodePackages: async () => [{ packNodeId: 809, packName: 'plan1' }],
    renderEnvs,
  };
}
