import { el } from './dom.js';
import { number } from './words.js';

/** Buttons to turn pages, and a field to go to one; nothing where there is one page only. */
export function pager(page, pageCount, go, name) {
  if (pageCount <= 1) return [];
  const to = (target, label, enabled) =>
    el(
      'button',
      {
        class: 'plain',
        type: 'button',
        disabled: !enabled,
        'data-key': `${name}-${label}`,
        onclick: () => go(target),
      },
      label,
    );
  const field = el('input', {
    type: 'number',
    min: 1,
    max: pageCount,
    value: page,
    'aria-label': `Page of ${name}`,
    'data-key': `${name}-page`,
    onchange: () => go(Math.min(pageCount, Math.max(1, Math.floor(Number(field.value)) || 1))),
  });
  return [
    to(page - 1, 'Previous', page > 1),
    el('span', { class: 'small quiet' }, 'Page ', field, ` of ${number(pageCount)}`),
    to(page + 1, 'Next', page < pageCount),
  ];
}
