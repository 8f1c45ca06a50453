/** The API's CodeInfo object (compat-api, section 3.2): what a code of tips.json means, in the language asked for. */
import { loadTips, type Tip } from '@croft/dcc';
import { solutionPath, UNKNOWN_CODE_PAGE } from '../pages/solution-path.ts';

/** 0 Chinese, 1 English. */
export type ApiLanguage = 0 | 1;

const WARNING = 0;
const ERROR = 1;
/** 0 would be deleted. */
const NOT_DELETED = 1;
/** When the texts were last gone through; a client that keeps them can see that its own are older. */
const TEXTS_CHANGED_AT = Date.UTC(2026, 10, 21);
const LONGEST_ECHO = 100;

/**
 * One element. An unknown code gets one too, as a warning that nobody acts on, so that no farm stops what it does not
 * understand; the SDK reads `type` of each element and dies of an empty answer's null.
 */
export async function codeInfo(code: string, language: ApiLanguage): Promise<Record<string, unknown>> {
  const known = (await loadTips()).get(code);
  const tip = known ?? unknownTip(code.slice(0, LONGEST_ECHO));
  const text = language === 0 ? tip.zh : tip.en;
  return {
    id: /^\d{1,9}$/.test(code) ? Number(code) : 0,
    code: tip.code,
    type: tip.severity === 'error' ? ERROR : WARNING,
    languageFlag: language,
    // Named for Chinese, but they hold whichever language was asked for.
    desDescriptionCn: text.description,
    desSolutionCn: text.solution,
    solutionPath: solutionPath(known?.code ?? UNKNOWN_CODE_PAGE, language === 0 ? 'zh' : 'en'),
    isRepair: tip.isRepairable ? 1 : 0,
    isDelete: NOT_DELETED,
    isOpen: tip.isIntercepted ? 1 : 0,
    lastModifyAdmin: '',
    updateTime: TEXTS_CHANGED_AT,
  };
}

function unknownTip(code: string): Tip {
  return {
    code,
    constants: [],
    severity: 'warning',
    isRepairable: false,
    isIntercepted: false,
    en: {
      description: `This farm does not know the analysis code ${code}.`,
      solution: 'Read the text beside the code and the log of the analysis. The task can be submitted.',
    },
    zh: {
      description: `本农场不认识分析代码 ${code}。`,
      solution: '请查看代码旁的提示内容和分析日志；任务仍可提交。',
    },
  };
}
