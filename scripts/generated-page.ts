/** A page of docs/ that a script makes: written by default, only compared with `--check`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GeneratedPage {
  /** Relative to the checkout, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The script that writes it, named where the page is old. */
  readonly script: string;
}

export const checkout = join(import.meta.dirname, '..');

/** One sentence where the committed page is not what the script makes; null where it is. */
export function stalePage({ path, text, script }: GeneratedPage): string | null {
  if (committed(path) === text) return null;
  return `${path} is old: run "node ${script}"`;
}

/** Runs the script: writes the page, or with `--check` only compares it and sets the exit code. */
export function writeOrCheck(page: GeneratedPage, args: readonly string[]): void {
  if (!args.includes('--check')) {
    writeFileSync(join(checkout, page.path), page.text);
    return;
  }
  const complaint = stalePage(page);
  if (complaint !== null) process.stderr.write(`${complaint}\n`);
  process.exitCode = complaint === null ? 0 : 1;
}

/** A Markdown table; `|` in a cell is escaped. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

function committed(path: string): string | null {
  try {
    return readFileSync(join(checkout, path), 'utf8');
  } catch {
    return null;
  }
}
