/** The render platforms that clients know by number. A farm of one's own is one farm, so all of them lead to it. */

export interface Platform {
  readonly platform: number;
  readonly name: string;
  /** 0 GPU, 1 CPU, 2 still images. */
  readonly type: 0 | 1 | 2;
  readonly taskPrefix: string;
}

/** 2 is the SDK's documented example, 4 its constructor's default, 62 the present default of the documents. */
export const PLATFORMS: readonly Platform[] = [
  { platform: 2, name: 'query_platform_w2', type: 1, taskPrefix: '2W' },
  { platform: 4, name: 'query_platform_w4', type: 1, taskPrefix: '2W' },
  { platform: 6, name: 'query_platform_w6', type: 1, taskPrefix: '2W' },
  { platform: 62, name: 'query_platform_w3', type: 1, taskPrefix: '2W' },
];
