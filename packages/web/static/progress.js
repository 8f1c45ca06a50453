import { el } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const SHARES = ['done', 'running', 'failed', 'stopped'];

/** A bar of the frames by state; what remains is waiting. Widths are SVG attributes, since the policy forbids styles. */
export function progressBar(frames) {
  const total = Math.max(1, frames.total);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${total} 1`);
  svg.setAttribute('preserveAspectRatio', 'none');
  let at = 0;
  for (const share of SHARES) {
    const rect = document.createElementNS(SVG, 'rect');
    rect.setAttribute('x', String(at));
    rect.setAttribute('width', String(frames[share]));
    rect.setAttribute('height', '1');
    rect.setAttribute('class', `fill-${share}`);
    svg.append(rect);
    at += frames[share];
  }
  return el(
    'div',
    {
      class: 'bar',
      role: 'progressbar',
      'aria-valuemin': 0,
      'aria-valuemax': frames.total,
      'aria-valuenow': frames.done,
      'aria-label': `${frames.done} of ${frames.total} frames done`,
    },
    svg,
  );
}

/** Counts by state, zeros left out except of what is done. */
export function counts(frames) {
  const parts = [['done', `${frames.done} / ${frames.total}`]];
  for (const state of ['running', 'waiting', 'failed', 'stopped'])
    if (frames[state] > 0) parts.push([state, frames[state]]);
  return el(
    'p',
    { class: 'counts' },
    ...parts.map(([state, count]) => el('span', {}, el('b', {}, String(count)), ` ${state}`)),
  );
}
