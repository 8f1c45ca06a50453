/** What an analysis code means and what to do about it, as a page for people: both languages, the wanted one first. */
import type { Tip, TipText } from '@croft/dcc';
import { escapeHtml, htmlPage } from './page-style.ts';
import { type PageLanguage, solutionPath } from './solution-path.ts';

interface Words {
  readonly htmlLanguage: string;
  readonly code: string;
  readonly all: string;
  readonly meaning: string;
  readonly solution: string;
  readonly constants: string;
  readonly kind: Readonly<Record<Tip['severity'], string>>;
  readonly unknown: TipText;
}

const WORDS: Readonly<Record<PageLanguage, Words>> = {
  en: {
    htmlLanguage: 'en',
    code: 'Analysis code',
    all: 'All analysis codes',
    meaning: 'What was found',
    solution: 'What to do',
    constants: 'In the SDK',
    kind: {
      error: 'Error: the scene is not submitted until this is put right.',
      warning: 'Warning: the scene can be submitted as it is.',
    },
    unknown: {
      description: 'The analysis gave a code that this farm does not know.',
      solution:
        'Read the text beside the code in tips.json and the log of the analysis. The task can be submitted; look closely at its first frames.',
    },
  },
  zh: {
    htmlLanguage: 'zh-CN',
    code: '分析代码',
    all: '全部分析代码',
    meaning: '问题描述',
    solution: '解决方法',
    constants: 'SDK 常量',
    kind: { error: '错误：解决之前无法提交该场景。', warning: '警告：场景可以直接提交。' },
    unknown: {
      description: '分析给出了本农场不认识的代码。',
      solution: '请查看 tips.json 中该代码旁的提示内容以及分析日志。任务可以提交，请留意最先完成的几帧。',
    },
  },
};

const BOTH: Readonly<Record<PageLanguage, readonly PageLanguage[]>> = {
  en: ['en', 'zh'],
  zh: ['zh', 'en'],
};

/** The page of a known code. */
export function tipPage(tip: Tip, first: PageLanguage): string {
  const words = WORDS[first];
  const constants =
    tip.constants.length === 0
      ? ''
      : `<p class="facts">${words.constants}: <code>${tip.constants.map(escapeHtml).join(', ')}</code></p>`;
  const sections = BOTH[first].map((language) =>
    section(
      language,
      tip[language],
      `<p class="kind ${tip.severity}">${WORDS[language].kind[tip.severity]}</p>`,
    ),
  );
  return page(`${words.code} ${tip.code}`, first, constants + sections.join('\n'));
}

/** The page for every code that has none of its own. */
export function unknownCodePage(first: PageLanguage): string {
  const sections = BOTH[first].map((language) => section(language, WORDS[language].unknown, ''));
  return page(WORDS[first].code, first, sections.join('\n'));
}

/** Every code with its meaning in one language, as a list of links. */
export function allCodesPage(tips: Iterable<Tip>, language: PageLanguage): string {
  const rows = [...tips]
    .sort((a, b) => a.code.localeCompare(b.code, 'en', { numeric: true }))
    .map(
      (tip) =>
        `<li><a href="${solutionPath(tip.code, language)}"><code>${escapeHtml(tip.code)}</code></a> ${escapeHtml(tip[language].description)}</li>`,
    );
  const other = language === 'en' ? 'zh' : 'en';
  const body = `<h1>${WORDS[language].all}</h1>
<p class="facts"><a href="?lang=${other}" lang="${WORDS[other].htmlLanguage}">${WORDS[other].all}</a></p>
<ul>
${rows.join('\n')}
</ul>`;
  return htmlPage(`${WORDS[language].all} – Croft`, WORDS[language].htmlLanguage, body);
}

function section(language: PageLanguage, text: TipText, kind: string): string {
  const words = WORDS[language];
  return `<section lang="${words.htmlLanguage}">
${kind}
<h3>${words.meaning}</h3>
<p>${escapeHtml(text.description)}</p>
<h3>${words.solution}</h3>
<p>${escapeHtml(text.solution)}</p>
</section>`;
}

function page(heading: string, first: PageLanguage, body: string): string {
  const words = WORDS[first];
  return htmlPage(
    `${heading} – Croft`,
    words.htmlLanguage,
    `<h1>${escapeHtml(heading)}</h1>\n${body}\n<footer><a href="/files/solutions?lang=${first}">${words.all}</a></footer>`,
  );
}
