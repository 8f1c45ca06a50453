/**
 * What a tip code of an analysis means: `data` of queryAnalyseErrorDetail. Type 1 stops the checker, type 0 only warns.
 * The codes and constants are the SDK's (compat-api, section 7.2); texts are ours.
 */

/** 0 Chinese, 1 English. */
export type ApiLanguage = 0 | 1;

const WARNING = 0;
const ERROR = 1;
type Severity = typeof WARNING | typeof ERROR;

/** code → severity, English, Chinese. Several subjects can share one code. */
const TIPS: Readonly<Record<string, readonly [Severity, string, string]>> = {
  '999': [ERROR, 'The analysis met an unknown error.', '分析时发生未知错误。'],
  '10010': [WARNING, 'A material is damaged.', '材质异常。'],
  '10011': [WARNING, 'A FumeFX cache is missing.', '缺少 FumeFX 缓存。'],
  '10012': [WARNING, 'A file that the scene uses is missing.', '缺少场景使用的文件。'],
  '10013': [WARNING, 'Gamma correction is switched on.', '已启用伽马校正。'],
  '10014': [WARNING, 'Adding to the current map is not supported.', '不支持“添加到当前贴图”。'],
  '10015': [WARNING, 'The multi-frame mode is not supported.', '不支持多帧模式。'],
  '10016': [WARNING, 'The pre-photon mode is not supported.', '不支持 PPT 模式。'],
  '10017': [WARNING, 'The vrimg output is not defined.', '未定义 vrimg 输出。'],
  '10018': [WARNING, 'An Alembic file is missing.', '缺少 Alembic 文件。'],
  '10019': [WARNING, 'A Krakatoa cache is missing.', '缺少 Krakatoa 缓存。'],
  '10020': [WARNING, 'An XMesh cache is missing.', '缺少 XMesh 缓存。'],
  '10021': [WARNING, 'A RealFlow cache is missing.', '缺少 RealFlow 缓存。'],
  '10022': [WARNING, 'A fire, smoke or liquid cache is missing.', '缺少火焰、烟雾或流体缓存。'],
  '10023': [WARNING, 'An irradiance map is missing.', '缺少发光贴图。'],
  '10024': [WARNING, 'A light cache map is missing.', '缺少灯光缓存贴图。'],
  '10025': [WARNING, 'A referenced scene is missing.', '缺少外部参照场景。'],
  '10026': [WARNING, 'A referenced object is missing.', '缺少外部参照对象。'],
  '10027': [WARNING, 'An animated map is missing.', '缺少动画贴图。'],
  '10028': [WARNING, 'A VDB file is missing.', '缺少 VDB 文件。'],
  '10030': [WARNING, 'A V-Ray proxy is missing.', '缺少 V-Ray 代理文件。'],
  '10032': [WARNING, 'A hair cache is missing.', '缺少毛发缓存。'],
  '10033': [WARNING, 'This is not an English 3ds Max.', '使用的不是英文版 3ds Max。'],
  '15000': [ERROR, '3ds Max hangs or could not be started.', '3ds Max 卡住或启动失败。'],
  '15002': [ERROR, 'The scene could not be read.', '无法读取场景信息。'],
  '15004': [ERROR, 'The renderer is not supported.', '不支持该渲染器。'],
  '15005': [ERROR, 'The renderer is missing.', '缺少渲染器。'],
  '15006': [ERROR, 'The scene has no camera.', '场景中没有相机。'],
  '15009': [ERROR, 'The scene could not be compressed.', '场景压缩失败。'],
  '15010': [ERROR, 'Bitmap proxies are switched on.', '已启用位图代理。'],
  '15011': [ERROR, 'The folder of the task could not be made.', '任务目录创建失败。'],
  '15012': [ERROR, 'The task could not be made.', '任务创建失败。'],
  '15013': [ERROR, 'The version of the software does not fit the scene.', '软件版本与场景不匹配。'],
  '15015': [ERROR, 'Two cameras have the same name.', '存在同名相机。'],
  '15016': [ERROR, 'Two render elements have the same name.', '存在同名渲染元素。'],
  '15017': [ERROR, 'A channel file is not defined.', '未定义通道文件。'],
  '15018': [ERROR, 'A V-Ray proxy has no file suffix.', 'V-Ray 代理文件没有扩展名。'],
  '15019': [ERROR, 'The software was not found.', '找不到软件。'],
  '15020': [ERROR, 'The version of V-Ray does not fit the scene.', 'V-Ray 版本与场景不匹配。'],
  '15021': [ERROR, 'MultiScatter and this V-Ray do not work together.', 'MultiScatter 与该版本 V-Ray 冲突。'],
  '15022': [ERROR, 'The version of RealFlow does not fit the scene.', 'RealFlow 版本与场景不匹配。'],
  '15023': [ERROR, 'Two textures have the same name.', '存在同名贴图。'],
  '15024': [ERROR, 'The scene file is missing.', '缺少场景文件。'],
  '15028': [ERROR, 'The pre-light file could not be opened.', '无法打开预照明文件。'],
  '15029': [ERROR, 'The pre-light file is damaged.', '预照明文件内容异常。'],
  '15030': [ERROR, '3ds Max runs with administrator rights.', '3ds Max 以管理员权限运行。'],
  '15031': [ERROR, 'The task was not found.', '无法获取任务。'],
  '15032': [ERROR, 'The path of a material is too long.', '材质路径过长。'],
  '15033': [ERROR, 'The name of the scene is not allowed.', '场景名称不合法。'],
  '20001': [WARNING, 'The Maya analysis has a remark.', 'Maya 分析有提示。'],
  '20012': [WARNING, 'The Maya analysis has a remark.', 'Maya 分析有提示。'],
  '25009': [WARNING, 'A reference file was not found.', '找不到参考文件。'],
  // This farm renders a movie's frames as pictures and gives Eevee only to nodes where a probe worked: no blocking.
  '46000': [
    WARNING,
    'The output is a movie; its frames are rendered as pictures.',
    '输出为视频格式，将按帧渲染为图片。',
  ],
  '46001': [WARNING, 'The frame step is not 1.', '帧步长不为 1。'],
  '46002': [
    WARNING,
    'Only nodes on which Eevee works can take the scene.',
    '只有支持 Eevee 的节点可以渲染该场景。',
  ],
  '46003': [ERROR, 'The scene has no camera.', '场景中没有相机。'],
  // From 60000 on: codes of our own Blender analysis.
  '60000': [
    WARNING,
    'Denoising is on; nodes without a denoiser render without it.',
    '已启用降噪，不支持降噪的节点将不降噪渲染。',
  ],
  '60001': [
    WARNING,
    'A simulation is not baked: one node renders all frames in order.',
    '模拟未烘焙：所有帧将由一个节点依次渲染。',
  ],
  '60002': [
    WARNING,
    'A script hooks into frame changes: one node renders all frames in order.',
    '脚本依赖帧切换：所有帧将由一个节点依次渲染。',
  ],
  '60003': [WARNING, 'The scene has scripts, which the farm does not run.', '场景包含脚本，农场不会运行。'],
  '60004': [
    WARNING,
    'Files were taken from another place than the scene says.',
    '部分文件取自与场景记录不同的位置。',
  ],
  '60005': [WARNING, 'A linked library cannot be read.', '无法读取链接的库文件。'],
  '60006': [
    WARNING,
    'Pictures of File Output nodes come with the results.',
    '文件输出节点的图片将随结果一并收集。',
  ],
  '60007': [
    WARNING,
    'The scene renders with an engine that does not come with Blender.',
    '场景使用非 Blender 自带的渲染引擎。',
  ],
};

/** Texts in the place of a code, which unfinished analysers write. */
const PLACEHOLDERS = new Set(['tips_code todo', 'ANALYSE_FAIL', 'CONTAIN_CHINESE']);

/** One element; an unknown code is a warning that names it, so that no farm stops what it does not understand. */
export function tipDetails(code: string, language: ApiLanguage) {
  const known = TIPS[code];
  const severity = known?.[0] ?? (PLACEHOLDERS.has(code) ? ERROR : WARNING);
  const description =
    known === undefined
      ? `${language === 0 ? '未知的分析代码' : 'unknown analysis code'}: ${code.slice(0, 100)}`
      : known[language === 0 ? 2 : 1];
  return [
    {
      id: Number(code) || 1,
      code,
      type: severity,
      languageFlag: language,
      desDescriptionCn: description,
      desSolutionCn: '',
      solutionPath: '',
      isRepair: 0,
      isDelete: 1,
      isOpen: 1,
      lastModifyAdmin: '',
      updateTime: 0,
    },
  ];
}
