/** The list of tasks. Rows follow task events; the list itself is read once and after a lost stream. */
import { getJson } from './api.js';
import { el, picture, show } from './dom.js';
import { counts, progressBar } from './progress.js';
import { taskWords, time } from './words.js';

const PAGE_SIZE = 50;

export async function openTasks(main) {
  const list = el('ul', { class: 'tasks' });
  const rows = new Map();
  let page = 1;
  let total = 0;

  const pages = el('div', { class: 'pages' });
  show(main, el('h1', {}, 'Tasks'), el('p', { class: 'empty' }, 'Loading…'));

  async function load() {
    const tasks = await getJson(`/tasks?page=${page}&size=${PAGE_SIZE}`);
    total = tasks.total;
    rows.clear();
    for (const task of tasks.items) rows.set(task.id, rowOf(task));
    draw();
  }
  function draw() {
    if (total === 0 && rows.size === 0) {
      show(main, el('h1', {}, 'Tasks'), noTasks());
      return;
    }
    show(list, ...rows.values());
    show(
      pages,
      ...pager(page, Math.ceil(total / PAGE_SIZE), (next) => {
        page = next;
        load();
      }),
    );
    if (!list.isConnected) show(main, el('h1', {}, 'Tasks'), list, pages);
  }
  await load();

  return {
    title: 'Tasks',
    again: load,
    event(event) {
      if (event.kind === 'task') {
        const known = rows.get(event.task.id);
        const row = rowOf(event.task);
        if (known) {
          const focused = known.contains(document.activeElement);
          known.replaceWith(row);
          rows.set(event.task.id, row);
          if (focused) row.querySelector('a')?.focus({ preventScroll: true });
        } else if (page === 1) {
          load();
        }
      } else if (event.kind === 'task-deleted' && rows.has(event.taskId)) {
        load();
      }
    },
  };
}

function rowOf(task) {
  const { text, state } = taskWords(task.status);
  return el(
    'li',
    { class: 'panel' },
    picture(task.thumbnail, '', 'thumb'),
    el(
      'div',
      {},
      el(
        'div',
        { class: 'row' },
        el(
          'h3',
          {},
          el(
            'a',
            { href: `#/tasks/${task.id}`, 'data-key': `task-${task.id}` },
            task.sceneName || `Task ${task.id}`,
          ),
        ),
        el('span', { class: 'quiet small' }, `#${task.id}`),
        el('span', { class: `state push is-${state}` }, text),
      ),
      progressBar(task.frames),
      el(
        'div',
        { class: 'row' },
        counts(task.frames),
        el('span', { class: 'quiet small push' }, time(task.submittedAt ?? task.createdAt)),
      ),
    ),
  );
}

function noTasks() {
  return el(
    'div',
    { class: 'panel empty' },
    el('p', {}, 'No tasks yet.'),
    el('p', {}, 'Render a scene with ', el('code', {}, 'croft render scene.blend'), ' and it appears here.'),
  );
}

/** Buttons to turn pages; nothing where there is one. */
export function pager(page, pageCount, go) {
  if (pageCount <= 1) return [];
  return [
    el(
      'button',
      {
        class: 'plain',
        type: 'button',
        disabled: page <= 1,
        onclick: () => go(page - 1),
        'data-key': 'previous',
      },
      'Previous',
    ),
    el('span', { class: 'small quiet' }, `Page ${page} of ${pageCount}`),
    el(
      'button',
      {
        class: 'plain',
        type: 'button',
        disabled: page >= pageCount,
        onclick: () => go(page + 1),
        'data-key': 'next',
      },
      'Next',
    ),
  ];
}
