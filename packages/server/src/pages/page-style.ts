/** The look of the farm's plain pages, and the policy under which they are sent. */
import { createHash } from 'node:crypto';

export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5c646c; --paper: #fbfbfa; --line: #dfe1e3; --error: #b3261e; --warning: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaec; --soft: #a3abb3; --paper: #16191c; --line: #343a40; --error: #ff8f85; --warning: #f0b95a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
h3 { font-size: .95rem; color: var(--soft); font-weight: 600; margin: 1rem 0 .15rem; }
p { margin: 0; }
section { border-top: 1px solid var(--line); margin-top: 1.75rem; padding-top: 1.25rem; }
.kind { font-weight: 600; }
.kind.error { color: var(--error); }
.kind.warning { color: var(--warning); }
.facts, footer { color: var(--soft); font-size: .9rem; }
footer { margin-top: 2.5rem; }
a { color: inherit; }
ul { list-style: none; margin: 1.25rem 0 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: .6rem 0; }
code { font: .95em ui-monospace, monospace; }
`;

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');

/** Nothing runs and nothing is fetched: the style above is all that the page may use. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (char) => entities[char]!);
}

/** A whole page: one file, no scripts. `body` is HTML. */
export function htmlPage(title: string, language: string, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
