/** How every benchmark reports: one table, figures with their goals and, where there is a peer, the ratio to it. */

export interface Figure {
  what: string;
  value: string;
  /** The peer's figure from the same run, or the limit. */
  peer?: string;
  /** Ours ÷ the peer's. */
  ratio?: number;
  must?: string;
  dream?: string;
  /** Whether `must` is met; undefined where there is none. */
  met?: boolean;
}

export function printTable(title: string, figures: readonly Figure[]): void {
  const head = ['what', 'croft', 'peer or limit', 'ratio', 'must', 'dream', 'met'];
  const rows = figures.map((figure) => [
    figure.what,
    figure.value,
    figure.peer ?? '',
    figure.ratio === undefined ? '' : figure.ratio.toFixed(2),
    figure.must ?? '',
    figure.dream ?? '',
    figure.met === undefined ? '' : figure.met ? 'yes' : 'NO',
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  process.stdout.write(
    `\n### ${title}\n\n${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`,
  );
}

/** The value below which `share` of the sorted samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (samples: readonly number[]) => percentile(samples, 0.5);
