/**
 * What a tip code of an analysis means: `data` of queryAnalyseErrorDetail. Type 1 stops the checker, type 0 only warns.
 * The codes of the real SDK come from the contract, an app's own from its folder.
 */
import { type TipFacts, tipFacts } from '@croft/contract';
import { loadApps } from '@croft/dcc';

/** 0 Chinese, 1 English. */
export type ApiLanguage = 0 | 1;

const WARNING = 0;
const ERROR = 1;

/** Texts in the place of a code, which unfinished analysers write. */
const PLACEHOLDERS = new Set(['tips_code todo', 'ANALYSE_FAIL', 'CONTAIN_CHINESE']);

type Meaning = Pick<TipFacts, 'severity' | 'en' | 'zh'>;

async function meaningOf(code: string): Promise<Meaning> {
  const known = tipFacts(code);
  if (known) return known;
  const own = (await loadApps()).flatMap((app) => app.tips).find((tip) => tip.code === code);
  if (own) return { severity: 'warning', en: own.en, zh: own.zh };
  const shown = code.slice(0, 100);
  return {
    severity: PLACEHOLDERS.has(code) ? 'error' : 'warning',
    en: `unknown analysis code: ${shown}`,
    zh: `未知的分析代码: ${shown}`,
  };
}

/** One element; an unknown code is a warning that names it, so that no farm stops what it does not understand. */
export async function tipDetails(code: string, language: ApiLanguage) {
  const meaning = await meaningOf(code);
  return [
    {
      id: Number(code) || 1,
      code,
      type: meaning.severity === 'error' ? ERROR : WARNING,
      languageFlag: language,
      desDescriptionCn: language === 0 ? meaning.zh : meaning.en,
      desSolutionCn: '',
      solutionPath: '',
      isRepair: 0,
      isDelete: 1,
      isOpen: 1,
      lastModifyAdmin: '',
      updateTime: 0,
    },
  ];
}
