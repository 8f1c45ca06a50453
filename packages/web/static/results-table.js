/** The published files of a task, for download. */
import { fileUrl, getJson } from './api.js';
import { el, show } from './dom.js';
import { pager } from './pager.js';
import { bytes, number } from './words.js';

const PAGE_SIZE = 50;

export function resultsTable(taskId) {
  const body = el('tbody');
  const pages = el('div', { class: 'pages' });
  const total = el('span', { class: 'small quiet' });
  const table = el(
    'div',
    { class: 'panel scroll', tabindex: '0', role: 'region', 'aria-label': 'Results' },
    el(
      'table',
      { class: 'results' },
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', { scope: 'col' }, 'File'),
          el('th', { class: 'number', scope: 'col' }, 'Frame'),
          el('th', { class: 'extra', scope: 'col' }, 'Format'),
          el('th', { class: 'number', scope: 'col' }, 'Size'),
        ),
      ),
      body,
    ),
  );
  const none = el('p', { class: 'quiet' }, 'Files appear here as frames finish.');
  const hint = el(
    'p',
    { class: 'small quiet' },
    'All files at once: ',
    el('code', {}, `croft download ${taskId}`),
  );
  let page = 1;
  let shown = '';

  async function load() {
    const results = await getJson(`/tasks/${taskId}/results?page=${page}&size=${PAGE_SIZE}&thumbnails=0`);
    const key = JSON.stringify(results);
    if (key === shown) return;
    shown = key;
    none.hidden = results.total > 0;
    table.hidden = results.total === 0;
    hint.hidden = results.total === 0;
    total.textContent = results.total === 0 ? '' : `${number(results.total)} files`;
    show(body, ...results.items.map((result) => rowOf(taskId, result)));
    const pageCount = Math.ceil(results.total / PAGE_SIZE);
    show(pages, ...pager(page, pageCount, turnTo, 'results'));
  }
  function turnTo(next) {
    page = next;
    load();
  }
  const heading = el('div', { class: 'row section' }, el('h2', {}, 'Results'), total);
  return { element: el('div', {}, heading, none, table, pages, hint), load };
}

function rowOf(taskId, result) {
  const size = result.width ? `${result.width} × ${result.height}` : '';
  const pass = result.kind === 'element' ? 'pass' : '';
  return el(
    'tr',
    {},
    el('td', { class: 'wide' }, fileLink(taskId, result)),
    el('td', { class: 'number' }, result.frame === null ? '–' : String(result.frame)),
    el('td', { class: 'extra' }, [result.format, size, pass].filter(Boolean).join(', ')),
    el('td', { class: 'number' }, bytes(result.size)),
  );
}

/** A link that saves the file. */
export function fileLink(taskId, result) {
  return el('a', { href: fileUrl(taskId, result.path), download: '' }, result.path.slice(1));
}
