/** Tips of the Maya analysis, some of which the Clarisse analysis gives too. */
import { tipsFrom, unpublishedTips } from '../tip.ts';

export const tips = [
  ...tipsFrom([
    {
      code: 25009,
      severity: 'warning',
      en: [
        'A referenced file was not found.',
        'Open the reference editor, correct the path of the reference or take it out of the scene, and save the scene.',
      ],
      zh: ['找不到引用文件。', '请打开引用编辑器，修正该引用的路径或将其移除，然后保存场景。'],
    },
  ]),
  ...unpublishedTips([20001, 20012], {
    en: [
      'The analysis of Maya or Clarisse has a remark whose meaning is not published.',
      'The text beside the code and the log of the analysis say more. It does not keep the scene from being rendered.',
    ],
    zh: ['Maya 或 Clarisse 分析给出的提示，其含义未公开。', '请参考提示内容和分析日志；该提示不会阻止渲染。'],
  }),
];
