/** Tips that several analysers give: files that are missing, programs and tasks that are not what they should be. */
import { tipsFrom } from '../tip.ts';

export const tips = tipsFrom([
  {
    code: 999,
    constants: 'VRAY_HDRI_NOTSUPPORT UNKNOW_ERR',
    severity: 'error',
    repairable: false,
    en: [
      'The analysis met an error it has no name for, or a V-Ray HDRI it cannot take.',
      'Read the log of the analysis for the error itself. Open the scene in its own program, save it under a new name and analyse that. If a V-Ray HDRI light is named, load its picture as an ordinary bitmap.',
    ],
    zh: [
      '分析时出现未归类的错误，或含有无法处理的 V-Ray HDRI。',
      '先查看分析日志中的具体报错。在制作软件中打开场景，另存为新文件后重新分析；若提到 V-Ray HDRI 灯光，请改用普通位图加载该贴图。',
    ],
  },
  {
    code: 10012,
    constants: 'MISSING_FILE HDRI_MISSING',
    severity: 'warning',
    en: [
      'A file that the scene uses is missing.',
      'The text beside the code names the files. Put them back where the scene looks for them, or point the scene to where they are now, save it and analyse it again. If you go on without them, what uses them renders wrong or fails.',
    ],
    zh: [
      '缺少场景引用的文件。',
      '提示内容列出了缺失的文件。请将文件放回原位置，或在场景中重新指定路径，保存后再次分析。若忽略并继续，相关画面会渲染错误或失败。',
    ],
  },
  {
    code: 10018,
    constants: 'ABC_MISSING',
    severity: 'warning',
    en: [
      'An Alembic file is missing.',
      'Export the Alembic cache again or correct its path in the scene. A cache in several files needs all of them.',
    ],
    zh: [
      '缺少 Alembic 文件。',
      '请重新导出 Alembic 缓存，或在场景中修正其路径。由多个文件组成的缓存必须齐全。',
    ],
  },
  {
    code: 10028,
    constants: 'VDB_MISSING',
    severity: 'warning',
    en: [
      'An OpenVDB file is missing.',
      'Bake or export the volume again for the whole range of frames, or correct the path of the sequence in the scene.',
    ],
    zh: ['缺少 OpenVDB 文件。', '请为全部渲染帧重新烘焙或导出体积数据，或在场景中修正序列路径。'],
  },
  {
    code: 15002,
    constants: 'CGINFO_FAILED',
    severity: 'error',
    en: [
      'Nothing could be read from the scene.',
      'Open the scene in the program that made it. If it opens, save it again and analyse that file; if it does not, take its last backup.',
    ],
    zh: [
      '无法读取场景信息。',
      '请用制作该场景的软件打开它：能打开则重新保存后再分析；打不开则使用最近的备份文件。',
    ],
  },
  {
    code: 15004,
    constants: 'RENDERER_NOTSUPPORT',
    severity: 'error',
    en: [
      "The scene's renderer is not supported.",
      'Choose a renderer that the farm offers for this program, set the scene up for it and analyse it again.',
    ],
    zh: ['不支持场景所用的渲染器。', '请在场景中改用农场提供的渲染器，调整设置后重新分析。'],
  },
  {
    code: 15005,
    constants: 'RENDERER_MISSING',
    severity: 'error',
    repairable: false,
    en: [
      "The scene's renderer is not installed.",
      'Install the renderer for this version of the program on the machine that analyses, or choose another renderer in the scene.',
    ],
    zh: [
      '未安装场景所用的渲染器。',
      '请在执行分析的机器上为该软件版本安装对应渲染器，或在场景中改用其他渲染器。',
    ],
  },
  {
    code: 15006,
    constants: 'CAMERA_NULL',
    severity: 'error',
    en: ['The scene has no camera to render.', 'Add a camera, or make one renderable, and save the scene.'],
    zh: ['场景中没有可渲染的摄像机。', '请添加摄像机或将已有摄像机设为可渲染，保存后重新分析。'],
  },
  {
    code: 15009,
    constants: 'CG_ZIP_FAILED',
    severity: 'error',
    repairable: false,
    en: [
      'The scene could not be compressed.',
      'Make room on the disk of the work folder, check that the folder may be written to, and close programs that hold the scene open.',
    ],
    zh: ['场景压缩失败。', '请确认工作目录所在磁盘有足够空间且可写，并关闭占用该场景的程序后重试。'],
  },
  {
    code: 15011,
    constants: 'TASK_FOLDER_FAILED',
    severity: 'error',
    repairable: false,
    en: [
      'The folder of the task could not be made.',
      'Choose a work folder that this user may write to, on a disk with room, and with a path that is not too long.',
    ],
    zh: ['无法创建任务文件夹。', '请选择当前用户可写、磁盘空间充足且路径不过长的工作目录。'],
  },
  {
    code: 15012,
    constants: 'TASK_CREATE_FAILED',
    severity: 'error',
    repairable: false,
    en: [
      'The task could not be created.',
      'Check that the farm is reachable and that the access key is valid, then create the task again.',
    ],
    zh: ['任务创建失败。', '请检查农场是否可以连接、访问密钥是否有效，然后重新创建任务。'],
  },
  {
    code: 15013,
    constants: 'CG_NOTMATCH',
    severity: 'error',
    en: [
      'The scene was saved by another version than the one chosen.',
      'Choose the version that saved the scene, or open the scene in the chosen version, check it and save it again.',
    ],
    zh: [
      '场景的软件版本与所选版本不一致。',
      '请选择保存该场景的版本，或用所选版本打开场景，检查无误后重新保存。',
    ],
  },
  {
    code: 15019,
    constants: 'CG_NOTEXISTS',
    severity: 'error',
    repairable: false,
    en: [
      'The program that made the scene was not found.',
      'Install the chosen version on this machine, or give the analysis the path of its executable.',
    ],
    zh: ['找不到制作该场景的软件。', '请在本机安装所选版本，或向分析程序提供该软件可执行文件的路径。'],
  },
  {
    code: 15024,
    constants: 'CGFILE_NOTEXISTS',
    severity: 'error',
    en: ['The scene file does not exist.', 'Check the path; it is meant on the machine that analyses.'],
    zh: ['场景文件不存在。', '请检查路径是否正确；该路径指执行分析的机器上的位置。'],
  },
  {
    code: 15031,
    constants: 'TASK_GET_FAILED',
    severity: 'error',
    en: [
      'The task could not be read, or a render element is missing.',
      'Check that the farm is reachable and the task still exists. If the text beside the code names a render element, add it to the scene again or remove what refers to it.',
    ],
    zh: [
      '无法获取任务信息，或缺少渲染元素。',
      '请检查农场连接以及任务是否仍存在；若提示中给出渲染元素名称，请在场景中补上该元素或移除对它的引用。',
    ],
  },
  {
    // The value of the constants ANALYSE_FAIL and CONTAIN_CHINESE: their authors never gave them a number.
    code: 'tips_code todo',
    constants: 'ANALYSE_FAIL CONTAIN_CHINESE',
    severity: 'error',
    en: [
      'The analysis failed, or a file name holds characters that the analysis cannot take; it gives no number for either.',
      'Name folders and files with letters of the English alphabet, digits, - and _ only, then analyse the scene again. If it fails still, its log says why.',
    ],
    zh: [
      '分析失败，或文件名含有分析程序无法处理的字符；该情况没有对应的编号。',
      '请仅用英文字母、数字、- 和 _ 命名文件夹与文件，然后重新分析；若仍失败，请查看分析日志。',
    ],
  },
  {
    code: 'ANALYSE_FAIL',
    severity: 'error',
    en: [
      'The analysis failed.',
      'Its log says why. Open and save the scene in its own program, then analyse it again.',
    ],
    zh: ['分析失败。', '请查看分析日志了解原因；在制作软件中打开并重新保存场景后再次分析。'],
  },
  {
    code: 'CONTAIN_CHINESE',
    severity: 'error',
    en: [
      'The name of a file or folder holds Chinese characters, which the analysis cannot take.',
      'Rename it with letters of the English alphabet, digits, - and _, and point the scene to the new name.',
    ],
    zh: [
      '文件或文件夹名称含有分析程序无法处理的中文字符。',
      '请改用英文字母、数字、- 和 _ 命名，并在场景中更新路径。',
    ],
  },
]);
