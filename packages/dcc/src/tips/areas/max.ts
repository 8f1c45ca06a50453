/** Tips of the 3ds Max analysis. Caches and maps that are missing are warnings: the frames render without them. */
import { tipsFrom } from '../tip.ts';

export const tips = tipsFrom([
  {
    code: 10010,
    constants: 'BAD_MATERIAL',
    severity: 'warning',
    en: [
      'A material is broken.',
      'Open the material editor, replace the material named beside the code or the plug-in that it needs, and save the scene.',
    ],
    zh: ['存在损坏的材质。', '请打开材质编辑器，替换提示中给出的材质或安装其所需插件，然后保存场景。'],
  },
  {
    code: 10011,
    constants: 'FUMEFX_MISSING',
    severity: 'warning',
    en: [
      'A FumeFX cache is missing.',
      'Simulate again for all frames, or correct the cache path of the FumeFX object.',
    ],
    zh: ['缺少 FumeFX 缓存。', '请为全部帧重新模拟，或修正 FumeFX 对象的缓存路径。'],
  },
  {
    code: 10013,
    constants: 'GAMMA_ON',
    severity: 'warning',
    en: [
      'Gamma correction is switched on.',
      'Leave it if the pictures are meant that way. Otherwise switch it off in the preferences for gamma and LUT, and save the scene.',
    ],
    zh: ['已启用伽马校正。', '若这是预期效果可忽略；否则请在“伽马和 LUT”首选项中关闭后保存场景。'],
  },
  {
    code: 10014,
    constants: 'ADDTOCMAP_NOTSUPPORT',
    severity: 'warning',
    en: [
      'The irradiance map mode that adds to the current map is not supported.',
      'Machines of a farm share no current map. Choose the mode for a single frame, or compute the map first and load it from a file.',
    ],
    zh: [
      '不支持“添加到当前贴图”的发光贴图模式。',
      '农场各机器之间没有共享的当前贴图。请改用单帧模式，或先计算好贴图再从文件加载。',
    ],
  },
  {
    code: 10015,
    constants: 'MULTIFRAME_NOTSUPPORT',
    severity: 'warning',
    en: [
      'The irradiance map mode that grows over several frames is not supported.',
      'Frames render on several machines in any order. Choose the mode for a single frame, or load a finished map from a file.',
    ],
    zh: [
      '不支持多帧增量的发光贴图模式。',
      '各帧会在多台机器上以任意顺序渲染。请改用单帧模式，或从文件加载已完成的贴图。',
    ],
  },
  {
    code: 10016,
    constants: 'PPT_NOTSUPPORT',
    severity: 'warning',
    en: [
      'The prepass or progressive path tracing mode is not supported.',
      'Choose a mode that renders a frame by itself, without a pass that other frames need.',
    ],
    zh: ['不支持预处理或渐进路径追踪模式。', '请选择可独立渲染单帧、不依赖其他帧预处理结果的模式。'],
  },
  {
    code: 10017,
    constants: 'VRIMG_UNDEFINED',
    severity: 'warning',
    en: [
      'No path is set for the vrimg output.',
      'Set a file for the raw image of the V-Ray frame buffer, or switch that output off.',
    ],
    zh: ['未设置 vrimg 输出路径。', '请在 V-Ray 帧缓冲中为原始图像设置文件，或关闭该输出。'],
  },
  {
    code: 10019,
    constants: 'KK_MISSING',
    severity: 'warning',
    en: [
      'A Krakatoa cache is missing.',
      'Save the particles again for all frames, or correct the path of the loader.',
    ],
    zh: ['缺少 Krakatoa 缓存。', '请为全部帧重新保存粒子，或修正加载器的路径。'],
  },
  {
    code: 10020,
    constants: 'XMESH_MISSING',
    severity: 'warning',
    en: [
      'An XMesh file is missing.',
      'Save the mesh sequence again, or correct the path of the XMesh loader.',
    ],
    zh: ['缺少 XMesh 文件。', '请重新保存网格序列，或修正 XMesh 加载器的路径。'],
  },
  {
    code: 10021,
    constants: 'REALFLOW_MISSING',
    severity: 'warning',
    en: [
      'A RealFlow cache is missing.',
      'Simulate again for all frames, or correct the path of the RealFlow files.',
    ],
    zh: ['缺少 RealFlow 缓存。', '请为全部帧重新模拟，或修正 RealFlow 文件路径。'],
  },
  {
    code: 10022,
    constants: 'PHOENIFX_MISSING FIRESMOKESIM_MISSING LIQUIDSIM_MISSING',
    severity: 'warning',
    en: [
      'A cache of Phoenix, fire, smoke or liquid is missing.',
      'Simulate again for all frames, and give the simulator a cache path that this machine can read.',
    ],
    zh: ['缺少 Phoenix、火焰烟雾或流体缓存。', '请为全部帧重新模拟，并将缓存路径设为本机可读取的位置。'],
  },
  {
    code: 10023,
    constants: 'VRMAP_MISSING',
    severity: 'warning',
    en: ['An irradiance map is missing.', 'Compute the map again or choose its file in the V-Ray settings.'],
    zh: ['缺少发光贴图文件。', '请重新计算发光贴图，或在 V-Ray 设置中重新选择文件。'],
  },
  {
    code: 10024,
    constants: 'VRLMAP_MISSING',
    severity: 'warning',
    en: [
      'A light cache map is missing.',
      'Compute the light cache again or choose its file in the V-Ray settings.',
    ],
    zh: ['缺少灯光缓存文件。', '请重新计算灯光缓存，或在 V-Ray 设置中重新选择文件。'],
  },
  {
    code: 10025,
    constants: 'XREFFILES',
    severity: 'warning',
    en: [
      'The scene refers to other scenes.',
      'See that all of them were found and are uploaded; merging them into the scene is the safe way.',
    ],
    zh: ['场景引用了外部场景文件。', '请确认这些文件均已找到并上传；最稳妥的做法是将其合并到场景中。'],
  },
  {
    code: 10026,
    constants: 'XREFOBJ',
    severity: 'warning',
    en: [
      'The scene refers to objects of other scenes.',
      'See that the scenes which hold them are uploaded, or merge the objects.',
    ],
    zh: ['场景引用了外部对象。', '请确认包含这些对象的场景已上传，或将对象合并到当前场景。'],
  },
  {
    code: 10027,
    constants: 'ANIMATION_MAP_MISSING',
    severity: 'warning',
    en: [
      'A picture of an animated map is missing.',
      'Complete the picture sequence for the frames to render, or correct its path and numbering.',
    ],
    zh: ['动画贴图缺少部分图片。', '请补齐渲染帧所需的序列图片，或修正其路径和编号。'],
  },
  {
    code: 10030,
    constants: 'VRMESH_MISSING',
    severity: 'warning',
    en: ['A V-Ray proxy file is missing.', 'Export the proxy again or correct its path in the scene.'],
    zh: ['缺少 V-Ray 代理文件。', '请重新导出代理，或在场景中修正路径。'],
  },
  {
    code: 10032,
    constants: 'HAIR_MISSING',
    severity: 'warning',
    en: [
      'A hair cache is missing.',
      'Cache the hair again for all frames, or correct the path of its cache.',
    ],
    zh: ['缺少毛发缓存。', '请为全部帧重新缓存毛发，或修正缓存路径。'],
  },
  {
    code: 10033,
    constants: 'NOT_ENGLISH_MAX',
    severity: 'warning',
    en: [
      'The scene was saved by a 3ds Max that is not English.',
      'Names that the program made itself may not be found. If pictures differ, save the scene with the English edition.',
    ],
    zh: [
      '场景由非英文版 3ds Max 保存。',
      '由软件自动生成的名称可能无法识别；若画面有差异，请用英文版重新保存场景。',
    ],
  },
  {
    code: 10035,
    severity: 'warning',
    en: [
      'The camera is not active.',
      'Make the camera to render the one of the active view, or name it in the settings.',
    ],
    zh: ['摄像机未激活。', '请将要渲染的摄像机设为当前视图，或在设置中指定该摄像机。'],
  },
  {
    code: 15000,
    severity: 'error',
    repairable: false,
    en: [
      '3ds Max did not start or stopped answering.',
      'Start that version of 3ds Max by hand and close every dialog that it shows; then see that neither it nor the analysis needs rights of an administrator.',
    ],
    zh: [
      '3ds Max 无法启动或停止响应。',
      '请手动启动该版本的 3ds Max 并关闭所有弹出窗口；同时确认它和分析程序都不需要管理员权限。',
    ],
  },
  {
    code: 15010,
    constants: 'PROXY_ENABLE',
    severity: 'error',
    en: [
      'Bitmap proxies are switched on.',
      'Switch them off in the asset tracking or the global settings, so that the pictures render in full size.',
    ],
    zh: ['已启用位图代理。', '请在资源追踪或全局设置中关闭位图代理，以使用原始尺寸的贴图渲染。'],
  },
  {
    code: 15015,
    constants: 'CAMERA_DUPLICAT',
    severity: 'error',
    en: [
      'Several cameras have the same name.',
      'Give each camera a name of its own, since a task names cameras.',
    ],
    zh: ['存在重名的摄像机。', '任务按名称识别摄像机，请为每个摄像机取不同的名称。'],
  },
  {
    code: 15016,
    constants: 'ELEMENT_DUPLICAT',
    severity: 'error',
    en: [
      'Several render elements have the same name.',
      'Give each render element a name of its own; their files would overwrite each other.',
    ],
    zh: ['存在重名的渲染元素。', '请为每个渲染元素取不同的名称，否则其输出文件会相互覆盖。'],
  },
  {
    code: 15017,
    constants: 'CHANNEL_FILE_UNDEFINED',
    severity: 'error',
    en: ['A channel has no file to write to.', 'Set an output file for the channel or switch it off.'],
    zh: ['通道未设置输出文件。', '请为该通道设置输出文件，或将其关闭。'],
  },
  {
    code: 15018,
    constants: 'VRMESH_EXT_NULL',
    severity: 'error',
    en: [
      'A V-Ray proxy has a file name without extension.',
      'Choose the proxy file with its extension, .vrmesh or .abc.',
    ],
    zh: ['V-Ray 代理的文件名没有扩展名。', '请重新选择带扩展名（.vrmesh 或 .abc）的代理文件。'],
  },
  {
    code: 15020,
    constants: 'VRAY_NOTMATCH',
    severity: 'error',
    en: [
      'The V-Ray version does not fit.',
      'Choose the V-Ray version that the scene was set up with, or load and save the scene with the chosen one.',
    ],
    zh: ['V-Ray 版本不一致。', '请选择制作场景时使用的 V-Ray 版本，或用所选版本打开并重新保存场景。'],
  },
  {
    code: 15021,
    constants: 'CONFLICT_MULTISCATTER_VRAY',
    severity: 'error',
    en: [
      'The versions of MultiScatter and V-Ray do not go together.',
      'Choose versions that their makers name as compatible.',
    ],
    zh: ['MultiScatter 与 V-Ray 的版本冲突。', '请按插件厂商的兼容说明选择相互匹配的版本。'],
  },
  {
    code: 15022,
    constants: 'REALFLOW_VERSION',
    severity: 'error',
    en: [
      'The RealFlow version does not fit.',
      'Choose the version of the RealFlow plug-in that belongs to this 3ds Max, or export the caches as Alembic.',
    ],
    zh: [
      'RealFlow 版本不符合要求。',
      '请选择与该 3ds Max 匹配的 RealFlow 插件版本，或将缓存导出为 Alembic。',
    ],
  },
  {
    code: 15023,
    constants: 'DUP_TEXTURE',
    severity: 'error',
    en: [
      'Different textures have the same file name.',
      'Rename one of them: the analysis looks for textures by name, whatever folder they are in.',
    ],
    zh: ['不同贴图使用了相同的文件名。', '请重命名其中之一：分析程序按文件名查找贴图，不区分所在文件夹。'],
  },
  {
    code: 15028,
    constants: 'PL_OPEN_FAILED',
    severity: 'error',
    repairable: false,
    en: [
      'A pre-light file could not be opened.',
      'See that the file is there, that this user may read it and that no other program holds it.',
    ],
    zh: ['无法打开预光照文件。', '请确认文件存在、当前用户可读取且未被其他程序占用。'],
  },
  {
    code: 15029,
    constants: 'PL_CONTENT_EXCEPTION',
    severity: 'error',
    en: ['A pre-light file has wrong content.', 'Make the file again and analyse the scene once more.'],
    zh: ['预光照文件内容异常。', '请重新生成该文件后再次分析。'],
  },
  {
    code: 15030,
    constants: 'MAX_PRIVILEGE_HIGH',
    severity: 'error',
    repairable: false,
    en: [
      '3ds Max runs with more rights than the analysis.',
      'Start both as the same user; take "run as administrator" off the 3ds Max shortcut and executable.',
    ],
    zh: [
      '3ds Max 的运行权限高于分析程序。',
      '请以同一用户运行两者，并取消 3ds Max 快捷方式和程序上的“以管理员身份运行”。',
    ],
  },
  {
    code: 15032,
    constants: 'MATERIAL_PATH_LONG',
    severity: 'error',
    en: [
      'The path of a material is too long.',
      'Move the files to a folder nearer to the root of the drive.',
    ],
    zh: ['材质路径过长。', '请将文件移动到更靠近磁盘根目录的文件夹。'],
  },
  {
    code: 15033,
    constants: 'MAX_NAME_ILLEGAL',
    severity: 'error',
    en: [
      'The name of the scene has characters that are not allowed.',
      'Save the scene under a name of letters, digits, - and _.',
    ],
    zh: ['场景名称含有不允许的字符。', '请用字母、数字、- 和 _ 组成的名称另存场景。'],
  },
]);
