/** Tips of the Unreal Engine analysis; which topics they are about is known, which code is which is not. */
import { unpublishedTips } from '../tip.ts';

const CODES = [
  18003, 18004, 18005, 18006, 18007, 18008, 18011, 18012, 18013, 18014, 18015, 18016, 18017, 18018, 18019,
  18020, 18021, 18022, 18023, 18024, 18026,
];

export const tips = unpublishedTips(CODES, {
  en: [
    'The Unreal Engine analysis has a remark whose exact meaning is not published.',
    'Such remarks are about the version of the engine, plug-ins to set up or to switch off, a render queue or a job that is empty or invalid, paths of 260 characters or more, media files that are not found, or hardware without a graphics card. The text beside the code names the place.',
  ],
  zh: [
    'Unreal Engine 分析给出的提示，其确切含义未公开。',
    '此类提示涉及引擎版本、需配置或停用的插件、为空或无效的渲染队列与任务、达到 260 个字符的路径、找不到的媒体文件，或没有显卡的硬件；提示内容会给出具体位置。',
  ],
});
