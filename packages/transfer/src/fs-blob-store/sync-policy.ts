/**
 * Whether bytes are on the disk before they are told to be stored. `always`: a power cut loses nothing. `never`: the
 * operating system writes them when it likes, within half a minute as a rule. Then a power cut may lose or damage what came
 * just before; that is found, since every reading is verified, and the bytes are asked for again.
 */
export const SYNC_POLICIES = ['always', 'never'] as const;
export type SyncPolicy = (typeof SYNC_POLICIES)[number];
