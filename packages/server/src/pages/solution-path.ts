/** Where the page about an analysis code lies, as CodeInfo's `solutionPath` names it. */

export type PageLanguage = 'zh' | 'en';

/** The page that tells what to do about any code that has none of its own. */
export const UNKNOWN_CODE_PAGE = 'unknown';

/** Path below the farm's address of the page about a known code, or of the common one. */
export function solutionPath(code: string, language: PageLanguage): string {
  return `/files/solutions/${encodeURIComponent(code)}?lang=${language}`;
}
