/** What a verification found, as people read it. */
import type { Verification } from '@croft/sdk';
import { formatBytes, safeText } from './format.ts';

const NAMES_SHOWN = 10;

export function verifiedText(found: Verification, folder: string): string {
  const { files, bytes, right, refetched, missing, damaged, changed, extra, extraCount } = found;
  const lines = [
    ...kind('missing', missing, missing.length),
    ...kind('damaged', damaged, damaged.length),
    ...kind('changed', changed, changed.length),
    ...kind('extra', extra, extraCount),
  ];
  lines.push(`${right} of ${files} files, ${formatBytes(bytes)} in all, are right in ${safeText(folder)}`);
  if (refetched > 0) lines.push(`fetched ${refetched} again`);
  else if (right < files) lines.push('run it with --refetch to fetch the others again');
  return lines.join('\n');
}

function kind(what: string, names: readonly string[], count: number): string[] {
  if (count === 0) return [];
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `  ${safeText(name)}`);
  const rest = count > NAMES_SHOWN ? [`  … ${count - NAMES_SHOWN} more; --json has them`] : [];
  return [`${what}: ${count}`, ...shown, ...rest];
}
