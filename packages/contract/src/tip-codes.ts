/**
 * Codes of tips.json: what an analysis found in a scene. An error stops RayvisionCheck, a warning does not. The numbers
 * and constant names are those of the real SDK's tips; the vendor does not publish which of them are errors, so the
 * severities are our reading (only 15000 is documented), and the texts are ours. 46000 and 46002 are errors to the vendor
 * and warnings here, because Croft renders a movie's frames as pictures and gives Eevee scenes to nodes that can.
 * Codes from 60000 on are Croft's own: they belong to an app and stand in its folder.
 */

export interface TipFacts {
  /** As it stands in tips.json: digits. */
  readonly code: string;
  /** Names of the constant in the SDK; empty where it has none. */
  readonly constants: readonly string[];
  readonly severity: 'warning' | 'error';
  readonly en: string;
  readonly zh: string;
}

type Row = readonly [code: number, constants: string, severity: TipFacts['severity'], en: string, zh: string];

const HOUDINI_EN = 'The Houdini analysis has a remark without a published meaning.';
const HOUDINI_ZH = 'Houdini 分析给出的提示，含义未公开。';
const HOUDINI_CODES = [
  50001, 50002, 50003, 50007, 50008, 50010, 50011, 50012, 50013, 50014, 50016, 50104, 50105, 50106, 50107,
  50108, 50110,
];

const ROWS: readonly Row[] = [
  [
    999,
    'VRAY_HDRI_NOTSUPPORT UNKNOW_ERR',
    'error',
    'The analysis met an error it has no name for, or a V-Ray HDRI it cannot take.',
    '分析时出现未知错误，或含有不支持的 V-Ray HDRI。',
  ],
  [10010, 'BAD_MATERIAL', 'warning', 'A material is broken.', '存在损坏的材质。'],
  [10011, 'FUMEFX_MISSING', 'warning', 'A FumeFX cache is missing.', '缺少 FumeFX 缓存。'],
  [
    10012,
    'MISSING_FILE HDRI_MISSING',
    'warning',
    'A file that the scene uses is missing.',
    '缺少场景引用的文件。',
  ],
  [10013, 'GAMMA_ON', 'warning', 'Gamma correction is switched on.', '已启用伽马校正。'],
  [
    10014,
    'ADDTOCMAP_NOTSUPPORT',
    'warning',
    'The irradiance map mode that adds to the current map is not supported.',
    '不支持“添加到当前贴图”的光照贴图模式。',
  ],
  [
    10015,
    'MULTIFRAME_NOTSUPPORT',
    'warning',
    'The multi-frame light map mode is not supported.',
    '不支持多帧光照贴图模式。',
  ],
  [
    10016,
    'PPT_NOTSUPPORT',
    'warning',
    'The prepass or progressive path tracing mode is not supported.',
    '不支持预处理或渐进路径追踪模式。',
  ],
  [10017, 'VRIMG_UNDEFINED', 'warning', 'No path is set for the vrimg output.', '未设置 vrimg 输出路径。'],
  [10018, 'ABC_MISSING', 'warning', 'An Alembic file is missing.', '缺少 Alembic 文件。'],
  [10019, 'KK_MISSING', 'warning', 'A Krakatoa cache is missing.', '缺少 Krakatoa 缓存。'],
  [10020, 'XMESH_MISSING', 'warning', 'An XMesh file is missing.', '缺少 XMesh 文件。'],
  [10021, 'REALFLOW_MISSING', 'warning', 'A RealFlow cache is missing.', '缺少 RealFlow 缓存。'],
  [
    10022,
    'PHOENIFX_MISSING FIRESMOKESIM_MISSING LIQUIDSIM_MISSING',
    'warning',
    'A cache of Phoenix, fire, smoke or liquid is missing.',
    '缺少 Phoenix、火焰烟雾或流体缓存。',
  ],
  [10023, 'VRMAP_MISSING', 'warning', 'An irradiance map is missing.', '缺少发光贴图。'],
  [10024, 'VRLMAP_MISSING', 'warning', 'A light cache map is missing.', '缺少灯光缓存贴图。'],
  [10025, 'XREFFILES', 'warning', 'The scene refers to other scenes.', '场景引用了外部场景文件。'],
  [10026, 'XREFOBJ', 'warning', 'The scene refers to objects of other scenes.', '场景引用了外部对象。'],
  [
    10027,
    'ANIMATION_MAP_MISSING',
    'warning',
    'A picture of an animated map is missing.',
    '动画贴图缺少文件。',
  ],
  [10028, 'VDB_MISSING', 'warning', 'An OpenVDB file is missing.', '缺少 VDB 文件。'],
  [10030, 'VRMESH_MISSING', 'warning', 'A V-Ray proxy file is missing.', '缺少 V-Ray 代理文件。'],
  [10032, 'HAIR_MISSING', 'warning', 'A hair cache is missing.', '缺少毛发缓存。'],
  [
    10033,
    'NOT_ENGLISH_MAX',
    'warning',
    'The scene was saved by a 3ds Max that is not English.',
    '场景由非英文版 3ds Max 保存。',
  ],
  [10035, '', 'warning', 'The camera is not active.', '摄像机未激活。'],
  [15000, '', 'error', '3ds Max did not start or stopped answering.', '3ds Max 无法启动或停止响应。'],
  [15002, 'CGINFO_FAILED', 'error', 'Nothing could be read from the scene.', '无法读取场景信息。'],
  [
    15004,
    'RENDERER_NOTSUPPORT',
    'error',
    "The scene's renderer is not supported.",
    '不支持场景所用的渲染器。',
  ],
  [15005, 'RENDERER_MISSING', 'error', "The scene's renderer is not installed.", '未安装场景所用的渲染器。'],
  [15006, 'CAMERA_NULL', 'error', 'The scene has no camera to render.', '场景中没有可渲染的摄像机。'],
  [15009, 'CG_ZIP_FAILED', 'error', 'The scene could not be compressed.', '场景压缩失败。'],
  [15010, 'PROXY_ENABLE', 'error', 'Bitmap proxies are switched on.', '已启用位图代理。'],
  [15011, 'TASK_FOLDER_FAILED', 'error', 'The folder of the task could not be made.', '无法创建任务文件夹。'],
  [15012, 'TASK_CREATE_FAILED', 'error', 'The task could not be created.', '任务创建失败。'],
  [
    15013,
    'CG_NOTMATCH',
    'error',
    'The scene was saved by another version than the one chosen.',
    '场景的软件版本与所选版本不一致。',
  ],
  [15015, 'CAMERA_DUPLICAT', 'error', 'Several cameras have the same name.', '存在重名的摄像机。'],
  [15016, 'ELEMENT_DUPLICAT', 'error', 'Several render elements have the same name.', '存在重名的渲染元素。'],
  [15017, 'CHANNEL_FILE_UNDEFINED', 'error', 'A channel has no file to write to.', '通道未设置输出文件。'],
  [
    15018,
    'VRMESH_EXT_NULL',
    'error',
    'A V-Ray proxy has a file name without extension.',
    'V-Ray 代理文件名缺少扩展名。',
  ],
  [
    15019,
    'CG_NOTEXISTS',
    'error',
    'The program that made the scene was not found.',
    '找不到制作该场景的软件。',
  ],
  [15020, 'VRAY_NOTMATCH', 'error', 'The V-Ray version does not fit.', 'V-Ray 版本不一致。'],
  [
    15021,
    'CONFLICT_MULTISCATTER_VRAY',
    'error',
    'The versions of MultiScatter and V-Ray do not go together.',
    'MultiScatter 与 V-Ray 版本冲突。',
  ],
  [15022, 'REALFLOW_VERSION', 'error', 'The RealFlow version does not fit.', 'RealFlow 版本不符合要求。'],
  [15023, 'DUP_TEXTURE', 'error', 'Different textures have the same file name.', '存在同名的不同贴图。'],
  [15024, 'CGFILE_NOTEXISTS', 'error', 'The scene file does not exist.', '场景文件不存在。'],
  [15028, 'PL_OPEN_FAILED', 'error', 'A pre-light file could not be opened.', '无法打开预光照文件。'],
  [15029, 'PL_CONTENT_EXCEPTION', 'error', 'A pre-light file has wrong content.', '预光照文件内容异常。'],
  [
    15030,
    'MAX_PRIVILEGE_HIGH',
    'error',
    '3ds Max runs with more rights than the analysis.',
    '3ds Max 的运行权限高于分析程序。',
  ],
  [
    15031,
    'TASK_GET_FAILED',
    'error',
    'The task could not be read, or a render element is missing.',
    '无法获取任务信息，或缺少渲染元素。',
  ],
  [15032, 'MATERIAL_PATH_LONG', 'error', 'The path of a material is too long.', '材质路径过长。'],
  [
    15033,
    'MAX_NAME_ILLEGAL',
    'error',
    'The name of the scene has characters that are not allowed.',
    '场景名称含有不允许的字符。',
  ],
  [
    20001,
    '',
    'warning',
    'The Maya analysis has a remark without a published meaning.',
    'Maya 分析给出的提示，含义未公开。',
  ],
  [
    20012,
    '',
    'warning',
    'The Maya analysis has a remark without a published meaning.',
    'Maya 分析给出的提示，含义未公开。',
  ],
  [25009, '', 'warning', 'A referenced file was not found.', '找不到引用文件。'],
  [
    46000,
    '',
    'warning',
    'The output is a movie; its frames are rendered as pictures.',
    '场景输出为视频格式，将按帧渲染为图片。',
  ],
  [46001, '', 'warning', 'The frame step is not 1.', '帧间隔不为 1。'],
  [
    46002,
    '',
    'warning',
    'The scene needs Eevee: only nodes on which Eevee works can take it.',
    '场景使用 Eevee，仅支持 Eevee 的节点可以渲染。',
  ],
  [46003, '', 'error', 'The scene has no camera.', '场景中没有摄像机。'],
  ...HOUDINI_CODES.map((code): Row => [code, '', 'warning', HOUDINI_EN, HOUDINI_ZH]),
];

/** All known tips by their code. */
export const TIP_CODES: ReadonlyMap<string, TipFacts> = new Map(
  ROWS.map(([code, constants, severity, en, zh]) => [
    String(code),
    { code: String(code), constants: constants.split(' ').filter(Boolean), severity, en, zh },
  ]),
);

/** `type` of queryAnalyseErrorDetail: the real SDK counts "1" as an error that stops the check. */
export const TIP_TYPE = { warning: '0', error: '1' } as const;

/** What a code means; undefined where it is unknown. Analysers are known to write placeholders that are no numbers. */
export function tipFacts(code: string | number): TipFacts | undefined {
  return TIP_CODES.get(String(code));
}
