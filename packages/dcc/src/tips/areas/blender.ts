/**
 * Tips of the vendor's Blender analysis; Croft's own are in the folder of the app. 46000 and 46002 are errors to the
 * vendor and warnings here: Croft renders a movie's frames as pictures and gives Eevee scenes to nodes that can.
 */
import { tipsFrom } from '../tip.ts';

export const tips = tipsFrom([
  {
    code: 46000,
    severity: 'warning',
    intercepted: false,
    en: [
      'The output is a movie; its frames are rendered as pictures.',
      'Nothing needs to be done. To choose the format of the pictures yourself, set a picture format in the output settings and save the scene.',
    ],
    zh: [
      '场景输出为视频格式，将逐帧渲染为图片。',
      '无需处理。若要指定图片格式，请在输出设置中选择图片格式并保存场景。',
    ],
  },
  {
    code: 46001,
    severity: 'warning',
    en: [
      'The frame step is not 1, so frames between are left out.',
      'Leave it if that is meant; otherwise set the step to 1 in the output settings and save the scene.',
    ],
    zh: [
      '帧步长不为 1，中间的帧不会渲染。',
      '若为预期设置可忽略；否则请在输出设置中将步长改为 1 并保存场景。',
    ],
  },
  {
    code: 46002,
    severity: 'warning',
    intercepted: false,
    en: [
      'The scene needs Eevee: only nodes on which Eevee works can take it.',
      'Nothing needs to be done where such a node has joined the farm. Otherwise add one, or render with Cycles.',
    ],
    zh: [
      '场景使用 Eevee，仅支持 Eevee 的节点可以渲染。',
      '农场中有此类节点时无需处理；否则请添加此类节点，或改用 Cycles 渲染。',
    ],
  },
  {
    code: 46003,
    severity: 'error',
    en: [
      'The scene has no camera.',
      'Add a camera, make it the active one of the scene to render, and save the scene.',
    ],
    zh: ['场景中没有摄像机。', '请添加摄像机并设为要渲染场景的活动摄像机，然后保存场景。'],
  },
]);
