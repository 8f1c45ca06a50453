/**
 * Tips of a Blender scene. 46000–46003, 10012, 10018 and 10028 are the codes of the real SDK. For what it has no code for, ours
 * start at 60000; `BLENDER_TIPS` is the one table of them.
 */
import type { AppTip, MissingAsset } from '../../app.ts';
import type { Collected } from './collect.ts';
import type { BlendFacts, SceneFacts } from './facts/blend-facts.ts';
import { isMovie } from './formats.ts';

export const BLENDER_TIPS = {
  denoiser: {
    code: '60000',
    en: 'Denoising is on; a node whose Blender has no denoiser renders without it.',
    zh: '已启用降噪，不支持降噪的节点将不降噪渲染。',
    solution: {
      en: 'Nothing needs to be done where all nodes have a Blender with the denoiser; otherwise switch denoising off, so that all frames look alike.',
      zh: '若所有节点的 Blender 均带有降噪器则无需处理；否则请关闭降噪，以保证各帧效果一致。',
    },
    isRepairable: false,
  },
  simulation: {
    code: '60001',
    en: 'A simulation is not baked: all frames go to one node, one after the other. Bake it to share the frames out.',
    zh: '模拟未烘焙：所有帧将由一个节点依次渲染。',
    solution: {
      en: 'Bake the simulation to its cache in Blender, save the scene and upload the cache with it.',
      zh: '请在 Blender 中将模拟烘焙为缓存，保存场景并随场景一并上传缓存。',
    },
    isRepairable: true,
  },
  frameHandler: {
    code: '60002',
    en: 'A script hooks into frame changes: all frames go to one node, one after the other.',
    zh: '脚本依赖帧切换：所有帧将由一个节点依次渲染。',
    solution: {
      en: 'Bake what the script does into keyframes, or take the handler out, if the frames should be shared out.',
      zh: '若需将帧分配给多个节点，请将脚本效果烘焙为关键帧，或移除该回调。',
    },
    isRepairable: true,
  },
  scripts: {
    code: '60003',
    en: 'The scene has scripts or Python drivers; the farm does not run scripts of a scene.',
    zh: '场景包含脚本或 Python 驱动，农场不会运行。',
    solution: {
      en: 'Bake drivers that use Python into keyframes.',
      zh: '请将使用 Python 的驱动器烘焙为关键帧。',
    },
    isRepairable: true,
  },
  moved: {
    code: '60004',
    en: 'Files were not where the scene says and were taken from elsewhere.',
    zh: '部分文件取自与场景记录不同的位置。',
    solution: {
      en: 'Look whether the files named beside the code are the right ones; to be sure, correct their paths in the scene.',
      zh: '请核对提示中列出的文件是否正确；为稳妥起见，请在场景中修正路径。',
    },
    isRepairable: true,
  },
  library: {
    code: '60005',
    en: 'A linked library is there but cannot be read.',
    zh: '链接的库文件无法读取。',
    solution: {
      en: 'Open the library in Blender and save it again, or link it anew.',
      zh: '请在 Blender 中打开该库文件并重新保存，或重新链接。',
    },
    isRepairable: true,
  },
  fileOutputs: {
    code: '60006',
    en: 'Pictures of File Output nodes are collected with the results.',
    zh: '文件输出节点的图片将随结果一并收集。',
    solution: {
      en: 'Nothing needs to be done: they lie in a folder beside the pictures of the frames.',
      zh: '无需处理：这些图片与各帧图片一同保存在结果文件夹中。',
    },
    isRepairable: false,
  },
  addOnEngine: {
    code: '60007',
    en: 'The scene renders with an engine that does not come with Blender.',
    zh: '场景使用非 Blender 自带的渲染引擎。',
    solution: {
      en: 'Choose Cycles, Eevee or Workbench, or install the engine on the nodes of the farm.',
      zh: '请改用 Cycles、Eevee 或 Workbench，或在农场节点上安装该渲染引擎。',
    },
    isRepairable: true,
  },
} as const satisfies Record<string, AppTip>;

const OWN_ENGINES = new Set([
  'BLENDER_RENDER',
  'BLENDER_GAME',
  'BLENDER_EEVEE',
  'BLENDER_EEVEE_NEXT',
  'BLENDER_WORKBENCH',
  'CYCLES',
]);

export interface Tips {
  readonly tips: Record<string, string[]>;
  /** One sentence a tip. */
  readonly notes: string[];
}

/** What the user should know of the scene before it renders. */
export function tipsOf(facts: BlendFacts, scene: SceneFacts, step: number, collected: Collected): Tips {
  const tips: Record<string, string[]> = {};
  const notes: string[] = [];
  const add = (code: string, values: readonly string[], note: string) => {
    tips[code] = [...(tips[code] ?? []), ...values];
    notes.push(note);
  };
  const own = (tip: { code: string; en: string }, values: readonly string[] = []) => {
    add(tip.code, values, values.length > 0 ? `${tip.en} (${shortList(values)})` : tip.en);
  };

  for (const [code, group] of Map.groupBy(collected.missing, tipOfMissing)) {
    const paths = group.map((asset) => asset.raw);
    add(
      code,
      paths,
      `${group.length === 1 ? 'A file is' : `${group.length} files are`} missing: ${shortList(paths)}.`,
    );
  }
  if (isMovie(scene.format)) {
    add(
      '46000',
      [],
      `The scene writes a movie (${scene.format}); the farm renders its frames as PNG pictures.`,
    );
  }
  if (step !== 1) add('46001', [], `The frame step is ${step}: the frames between are left out.`);
  if (scene.engine.startsWith('BLENDER_EEVEE')) {
    add('46002', [], 'The scene renders with Eevee, so only nodes on which Eevee works can take it.');
  }
  if (needsCamera(scene)) add('46003', [], 'The scene has no active camera, so nothing can be rendered.');
  if (scene.denoising) own(BLENDER_TIPS.denoiser);
  const open = unbakedOf(facts).map(({ owner, kind }) => `${kind} of ${owner}`);
  if (open.length > 0) own(BLENDER_TIPS.simulation, open);
  const handlers = facts.scripts.filter((script) => script.registered && script.frameHandler);
  if (handlers.length > 0)
    own(
      BLENDER_TIPS.frameHandler,
      handlers.map((script) => script.name),
    );
  const scripts = facts.scripts.filter((script) => script.registered).map((script) => script.name);
  if (scripts.length > 0) own(BLENDER_TIPS.scripts, scripts);
  if (collected.moved.length > 0) {
    own(
      BLENDER_TIPS.moved,
      collected.moved.map(({ raw, from }) => `${raw} taken from ${from}`),
    );
  }
  if (collected.unreadable.length > 0) {
    own(
      BLENDER_TIPS.library,
      collected.unreadable.map(({ file, why }) => `${file}: ${why}`),
    );
  }
  if (scene.fileOutputs.length > 0) own(BLENDER_TIPS.fileOutputs, scene.fileOutputs);
  if (!OWN_ENGINES.has(scene.engine)) own(BLENDER_TIPS.addOnEngine, [scene.engine]);
  return { tips, notes };
}

/** Whether the scene can only render with a camera it does not have. */
export function needsCamera(scene: SceneFacts): boolean {
  return scene.camera === null && scene.markerCameras.length === 0 && !scene.sequencer;
}

export function unbakedOf(facts: BlendFacts): BlendFacts['simulations'] {
  return facts.simulations.filter((simulation) => !simulation.baked);
}

function tipOfMissing(asset: MissingAsset): string {
  if (/\.abc$/i.test(asset.raw)) return '10018';
  return /\.vdb$/i.test(asset.raw) ? '10028' : '10012';
}

function shortList(values: readonly string[]): string {
  const shown = values.slice(0, 3).join(', ');
  return values.length > 3 ? `${shown} and ${values.length - 3} more` : shown;
}
