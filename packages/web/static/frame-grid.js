/**
 * The frames of a task, a page at a time, so that a hundred thousand are no more work than two hundred. Tiles are kept
 * over updates: frames that did not change are not touched.
 */
import { getJson } from './api.js';
import { el, picture, show } from './dom.js';
import { pager } from './pager.js';
import { frameWords, number, STATUSES_OF } from './words.js';

const PAGE_SIZE = 200;

/** @param {(frameId: number) => void} onOpen */
export function frameGrid(taskId, onOpen) {
  const list = el('ul', { class: 'frames' });
  const pages = el('div', { class: 'pages' });
  const range = el('span', { class: 'small quiet' });
  const choices = el('div', { class: 'choices', role: 'group', 'aria-label': 'Which frames' });
  const tiles = new Map();
  let items = [];
  let page = 1;
  let only = null;
  let shownPages = '';
  let reading = 0;

  async function load() {
    const turn = ++reading;
    const status = only === null ? '' : `&status=${STATUSES_OF[only].join()}`;
    const frames = await getJson(`/tasks/${taskId}/frames?page=${page}&size=${PAGE_SIZE}${status}`);
    if (turn !== reading) return;
    const pageCount = Math.max(1, Math.ceil(frames.total / PAGE_SIZE));
    if (page > pageCount) {
      page = pageCount;
      return load();
    }
    items = frames.items;
    for (const id of tiles.keys()) if (!items.some((frame) => frame.id === id)) tiles.delete(id);
    const isNew = items.length !== list.children.length || items.some(({ id }) => !tiles.has(id));
    for (const frame of items) {
      if (tiles.has(frame.id)) tiles.get(frame.id).update(frame);
      else tiles.set(frame.id, frameTile(frame, taskId, onOpen));
    }
    if (isNew || items.length === 0) show(list, ...items.map(({ id }) => tiles.get(id).element));
    if (items.length === 0) show(list, el('li', { class: 'quiet' }, emptyWords(only)));
    range.textContent = rangeWords(frames, page);
    if (shownPages !== `${page}/${pageCount}`) show(pages, ...pager(page, pageCount, turnTo, 'frames'));
    shownPages = `${page}/${pageCount}`;
  }
  function turnTo(next) {
    page = next;
    shownPages = '';
    load();
  }
  /** Offers each state that some frame has. */
  function updateChoices(frames) {
    const states = ['done', 'running', 'waiting', 'failed', 'stopped'].filter((state) => frames[state] > 0);
    if (only !== null && !states.includes(only)) states.push(only);
    const choice = (state, label) =>
      el(
        'button',
        {
          type: 'button',
          class: 'choice',
          'aria-pressed': String(only === state),
          'data-key': `choice-${state}`,
          onclick: () => {
            only = state;
            updateChoices(frames);
            turnTo(1);
          },
        },
        label,
      );
    if (states.length < 2 && only === null) show(choices);
    else
      show(
        choices,
        choice(null, `All ${number(frames.total)}`),
        ...states.map((state) => choice(state, `${number(frames[state])} ${state}`)),
      );
  }

  return {
    element: el('div', {}, el('div', { class: 'row' }, choices, range), list, pages),
    load,
    updateChoices,
    frames: () => items,
    /** Shows a frame's event at once. False where that frame is not on this page. */
    mark(event) {
      const index = items.findIndex(({ id }) => id === event.frameId);
      if (index < 0) return false;
      const frame = { ...items[index], status: event.status, percent: event.percent };
      items[index] = frame;
      tiles.get(frame.id).update(frame);
      return true;
    },
    isFiltered: () => only !== null,
  };
}

function rangeWords({ total, items }, page) {
  if (total <= PAGE_SIZE) return '';
  const first = (page - 1) * PAGE_SIZE + 1;
  return `${number(first)}–${number(first + items.length - 1)} of ${number(total)}`;
}

function emptyWords(only) {
  return only === null ? 'Frames appear when the task is submitted.' : `No frame is ${only} now.`;
}

function frameTile(frame, taskId, onOpen) {
  const shot = el('span');
  const state = el('span');
  /** Which part of a task made of others renders it. */
  const partOf = ({ taskId: part }) =>
    part !== undefined && part !== taskId && el('span', { class: 'quiet small' }, ` #${part}`);
  const button = el(
    'button',
    { class: 'frame', type: 'button', 'data-key': `frame-${frame.id}`, onclick: () => onOpen(frame.id) },
    shot,
    el('span', { class: 'label' }, el('span', { class: 'name' }, frame.frame, partOf(frame)), state),
  );
  const element = el('li', {}, button);
  let shown = null;
  function update(next) {
    if (shown === null || shown.thumbnail !== next.thumbnail) show(shot, picture(next.thumbnail, '', 'shot'));
    const words = frameWords(next.status);
    button.dataset.state = words.state;
    button.title = next.failure?.reason ?? '';
    state.className = `is-${words.state}`;
    const percent = Math.round(next.percent);
    state.textContent = words.state === 'running' && percent > 0 ? `${percent} %` : words.text;
    shown = next;
  }
  update(frame);
  return { element, update };
}
