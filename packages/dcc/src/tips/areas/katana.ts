/** Tips of the Katana analysis; their meaning is not published. */
import { unpublishedTips } from '../tip.ts';

export const tips = unpublishedTips([70000, 70003, 70004], {
  en: [
    'The Katana analysis has a remark whose meaning is not published.',
    'The text beside the code and the log of the analysis say more; render nodes and their outputs are the first to look at.',
  ],
  zh: ['Katana 分析给出的提示，其含义未公开。', '请参考提示内容和分析日志，优先检查渲染节点及其输出设置。'],
});
