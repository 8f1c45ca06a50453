/**
 * What a code of tips.json means, and the shape in which the files of `areas/` write it down. Numbers and constant names
 * are those of the real SDK's analysers. Which of them are errors the vendor does not publish (only 15000 is documented),
 * so severities are our reading; all texts are ours.
 */

/** A text for people in one language. */
export interface TipText {
  /** What the analysis found. */
  readonly description: string;
  /** What to do about it. */
  readonly solution: string;
}

export interface Tip {
  /** As it stands in tips.json: digits, but for the placeholders of unfinished analysers. */
  readonly code: string;
  /** Names of the constant in the SDK; empty where it has none. */
  readonly constants: readonly string[];
  /** An error stops the SDK's check before the upload, a warning does not. */
  readonly severity: 'warning' | 'error';
  /** Whether a change of the scene or its settings puts it right; else the cause lies in a program or a machine. */
  readonly isRepairable: boolean;
  /** false: nothing is held against the scene, as nobody knows what the code means or the farm sees to it itself. */
  readonly isIntercepted: boolean;
  readonly en: TipText;
  readonly zh: TipText;
}

/** A tip as the files of `areas/` write it: each language as description and solution. */
export interface TipRow {
  readonly code: number | string;
  /** Separated by blanks. */
  readonly constants?: string;
  readonly severity: Tip['severity'];
  /** Default true. */
  readonly repairable?: boolean;
  /** Default true. */
  readonly intercepted?: boolean;
  readonly en: readonly [description: string, solution: string];
  readonly zh: readonly [description: string, solution: string];
}

export function tipsFrom(rows: readonly TipRow[]): readonly Tip[] {
  return rows.map(({ code, constants = '', severity, repairable = true, intercepted = true, en, zh }) => ({
    code: String(code),
    constants: constants.split(' ').filter(Boolean),
    severity,
    isRepairable: repairable,
    isIntercepted: intercepted,
    en: { description: en[0], solution: en[1] },
    zh: { description: zh[0], solution: zh[1] },
  }));
}

/** Codes of one analyser whose meaning is not published: one text serves all of them, and nothing is intercepted. */
export function unpublishedTips(codes: readonly number[], texts: Pick<TipRow, 'en' | 'zh'>): readonly Tip[] {
  return tipsFrom(
    codes.map((code) => ({ code, severity: 'warning', repairable: false, intercepted: false, ...texts })),
  );
}
