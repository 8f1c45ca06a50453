/** Tips of the Houdini analysis. Only the meaning of 50001 is known; which topics the others are about is, too. */
import { tipsFrom, unpublishedTips } from '../tip.ts';

const CODES = [
  50002, 50003, 50007, 50008, 50010, 50011, 50012, 50013, 50014, 50016, 50104, 50105, 50106, 50107, 50108,
  50110,
];

export const tips = [
  ...tipsFrom([
    {
      code: 50001,
      severity: 'warning',
      en: [
        'Files that the Houdini scene uses are missing.',
        'The text beside the code names them. Put them where the scene looks for them, or correct the paths of the nodes, and save the scene.',
      ],
      zh: [
        'Houdini 场景缺少引用的文件。',
        '提示内容列出了缺失的文件。请放回原位置，或修正相关节点的路径后保存场景。',
      ],
    },
  ]),
  ...unpublishedTips(CODES, {
    en: [
      'The Houdini analysis has a remark whose exact meaning is not published.',
      'Such remarks are about cameras, render nodes, what nodes refer to, slices of a simulation, export modes, renderers that are not set up, or features that need a graphics card. The text beside the code names the node.',
    ],
    zh: [
      'Houdini 分析给出的提示，其确切含义未公开。',
      '此类提示涉及摄像机、渲染节点、节点引用、模拟切片、导出模式、未配置的渲染器或需要显卡的功能；提示内容会给出相关节点。',
    ],
  }),
];
