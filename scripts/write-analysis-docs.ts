/**
 * Writes docs/analysis-codes.md from the catalogue of analysis codes:
 *
 *   node scripts/write-analysis-docs.ts [--check]
 */
import type { Tip } from '../packages/dcc/src/tips/tip.ts';
import { loadTips } from '../packages/dcc/src/tips/tip-catalogue.ts';
import { type GeneratedPage, markdownTable, writeOrCheck } from './generated-page.ts';

const SCRIPT = 'scripts/write-analysis-docs.ts';

const INTRODUCTION = `An analysis writes what it found into \`tips.json\`, as codes with messages. \`queryErrorDetail\` of the
[Renderbus API](renderbus-api.md#queryanalyseerrordetail) tells what a code means, and a farm has a page about each at
\`/files/solutions/CODE\`, in English and Chinese. An **error** stops the check before anything is uploaded, a warning does not. Numbers from
60000 on are Croft's own. A code that is not here is answered as a warning.`;

/** The page as it is to be committed. */
export async function analysisPage(): Promise<GeneratedPage> {
  const tips = [...(await loadTips()).values()].sort((a, b) =>
    a.code.localeCompare(b.code, 'en', { numeric: true }),
  );
  const parts = [
    `<!-- Made by ${SCRIPT} from packages/dcc/src/tips and the apps' own tips: change those, then run it. -->`,
    '# Analysis codes',
    INTRODUCTION,
    markdownTable(['code', 'kind', 'meaning and solution', '含义与解决方法'], tips.map(cells)),
  ];
  return { path: 'docs/analysis-codes.md', text: `${parts.join('\n\n')}\n`, script: SCRIPT };
}

function cells({ code, severity, en, zh }: Tip): string[] {
  const kind = severity === 'error' ? '**error**' : 'warning';
  return [code, kind, `${en.description} ${en.solution}`, `${zh.description}${zh.solution}`];
}

if (import.meta.main) writeOrCheck(await analysisPage(), process.argv.slice(2));
