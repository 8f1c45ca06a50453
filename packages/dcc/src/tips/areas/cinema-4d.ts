/** Tips of the Cinema 4D analysis: one code is seen in the documents, without its meaning. */
import { unpublishedTips } from '../tip.ts';

export const tips = unpublishedTips([35001], {
  en: [
    'The Cinema 4D analysis has a remark whose meaning is not published.',
    'The text beside the code and the log of the analysis say more. It does not keep the scene from being rendered.',
  ],
  zh: ['Cinema 4D 分析给出的提示，其含义未公开。', '请参考提示内容和分析日志；该提示不会阻止渲染。'],
});
