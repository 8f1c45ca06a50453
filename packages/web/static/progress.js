/** Progress of a task: a bar of its frames by state, the counts, and a guess of the time left. */
import { el, show } from './dom.js';
import { farmNow } from './times.js';
import { number } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const SHARES = ['done', 'running', 'failed', 'stopped'];
const RENDERING = 5;
const SAMPLED_MS = 10 * 60_000;
const ENOUGH_FRAMES = 3;

/** A bar of the frames by state; what remains is waiting. Widths are SVG attributes, since the policy forbids styles. */
export function progressBar(frames) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('viewBox', '0 0 1000 1');
  const rects = SHARES.map((share) => {
    const rect = document.createElementNS(SVG, 'rect');
    rect.setAttribute('height', '1');
    rect.setAttribute('class', `fill-${share}`);
    svg.append(rect);
    return rect;
  });
  const element = el('div', { class: 'bar', role: 'progressbar', 'aria-valuemin': 0 }, svg);
  function update(counted) {
    const scale = 1000 / Math.max(1, counted.total);
    let at = 0;
    for (const [index, share] of SHARES.entries()) {
      rects[index].setAttribute('x', String(at));
      rects[index].setAttribute('width', String(counted[share] * scale));
      at += counted[share] * scale;
    }
    element.setAttribute('aria-valuemax', counted.total);
    element.setAttribute('aria-valuenow', counted.done);
    element.setAttribute('aria-label', `${counted.done} of ${counted.total} frames done`);
  }
  update(frames);
  return { element, update };
}

/** Counts by state, zeros left out except of what is done. */
export function counts(frames) {
  const element = el('p', { class: 'counts' });
  function update(counted) {
    const parts = [['done', `${number(counted.done)} / ${number(counted.total)}`]];
    for (const state of ['running', 'waiting', 'failed', 'stopped'])
      if (counted[state] > 0) parts.push([state, number(counted[state])]);
    show(
      element,
      ...parts.map(([state, count]) =>
        el('span', { class: state === 'failed' ? 'is-failed' : null }, el('b', {}, count), ` ${state}`),
      ),
    );
  }
  update(frames);
  return { element, update };
}

/**
 * Guesses the time left by how fast frames got done while this page looked, and before that since the task's start.
 * @returns {(task: object) => number | null} milliseconds; null where there is nothing to go by
 */
export function createEstimate() {
  const seen = [];
  return ({ status, frames, startedAt }) => {
    const at = farmNow();
    if (status !== RENDERING || startedAt === null || frames.done === 0) return null;
    const last = seen.at(-1);
    if (last && last.done > frames.done) seen.length = 0;
    if (last?.done !== frames.done) seen.push({ at, done: frames.done });
    while (seen.length > 2 && seen[0].at < at - SAMPLED_MS) seen.shift();
    const first = seen[0];
    const sampled = frames.done - first.done >= ENOUGH_FRAMES;
    const msAFrame = sampled ? (at - first.at) / (frames.done - first.done) : (at - startedAt) / frames.done;
    return msAFrame * (frames.waiting + frames.running);
  };
}
