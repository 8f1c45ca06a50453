/** The list of tasks. Rows follow task events in place; the list itself is read at the start, on a search, and after a lost stream. */
import { getJson } from './api.js';
import { el, picture, show } from './dom.js';
import { pager } from './pager.js';
import { counts, createEstimate, progressBar } from './progress.js';
import { ago, duration, roughly, since } from './times.js';
import { donePercent, taskWords } from './words.js';

const PAGE_SIZE = 50;
const TYPING_PAUSE_MS = 250;

export async function openTasks(main) {
  const list = el('ul', { class: 'tasks' });
  const pages = el('div', { class: 'pages' });
  const below = el('div');
  const rows = new Map();
  let page = 1;
  let search = '';
  let reading = 0;
  let typing = 0;
  const field = el('input', {
    type: 'search',
    placeholder: 'Find by name or number',
    'aria-label': 'Find tasks',
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(() => {
        search = field.value.trim();
        page = 1;
        load();
      }, TYPING_PAUSE_MS);
    },
  });
  const heading = el('div', { class: 'row heading' }, el('h1', {}, 'Tasks'), field);
  show(main, el('h1', {}, 'Tasks'), el('p', { class: 'empty' }, 'Loading…'));

  async function load() {
    const turn = ++reading;
    const query = search === '' ? '' : `&search=${encodeURIComponent(search)}`;
    const tasks = await getJson(`/tasks?page=${page}&size=${PAGE_SIZE}${query}`);
    if (turn !== reading) return;
    const pageCount = Math.max(1, Math.ceil(tasks.total / PAGE_SIZE));
    if (page > pageCount) {
      page = pageCount;
      return load();
    }
    for (const id of rows.keys()) if (!tasks.items.some((task) => task.id === id)) rows.delete(id);
    for (const task of tasks.items) place(task);
    show(list, ...tasks.items.map(({ id }) => rows.get(id).element));
    show(pages, ...pager(page, pageCount, turnTo, 'tasks'));
    field.hidden = tasks.total === 0 && search === '';
    if (tasks.total > 0) show(below, list, pages);
    else show(below, search === '' ? noTasks() : el('p', { class: 'panel empty' }, 'No task fits.'));
  }
  function turnTo(next) {
    page = next;
    load();
  }
  function place(task) {
    if (rows.has(task.id)) rows.get(task.id).update(task);
    else rows.set(task.id, taskRow(task));
  }

  await load();
  show(main, heading, below);
  return {
    title: () => titleOf([...rows.values()].map((row) => row.task())),
    again: load,
    close: () => clearTimeout(typing),
    event(event) {
      if (event.kind === 'task') {
        // Children are shown by their parents.
        if (event.task.parentId) return;
        if (rows.has(event.task.id)) place(event.task);
        else if (page === 1) return load();
      } else if (event.kind === 'task-deleted' && rows.has(event.taskId)) {
        return load();
      }
    },
  };
}

/** How far all that renders is, so that a tab in the background tells it. */
function titleOf(tasks) {
  const active = tasks.filter(({ status }) => taskWords(status).state === 'running');
  if (active.length === 0) return 'Tasks';
  const sum = { total: 0, done: 0 };
  for (const { frames } of active) {
    sum.total += frames.total;
    sum.done += frames.done;
  }
  return `${donePercent(sum)} % · Tasks`;
}

/** One row, kept over updates so that its picture does not flicker and the focus stays. */
function taskRow(task) {
  const shot = el('div');
  const state = el('span');
  const when = el('span', { class: 'quiet small push' });
  const bar = progressBar(task.frames);
  const count = counts(task.frames);
  const estimate = createEstimate();
  let current = null;
  const name = task.sceneName || `Task ${task.id}`;
  const element = el(
    'li',
    { class: 'panel', 'data-task': task.id },
    shot,
    el(
      'div',
      {},
      el(
        'div',
        { class: 'row' },
        el('h3', {}, el('a', { href: `#/tasks/${task.id}`, 'data-key': `task-${task.id}` }, name)),
        el('span', { class: 'quiet small' }, `#${task.id}`),
        state,
      ),
      bar.element,
      el('div', { class: 'row' }, count.element, when),
    ),
  );
  function update(next) {
    if (current?.thumbnail !== next.thumbnail || current === null)
      show(shot, picture(next.thumbnail, '', 'thumb'));
    const words = taskWords(next.status);
    state.className = `state push is-${words.state}`;
    state.textContent = words.text;
    bar.update(next.frames);
    count.update(next.frames);
    show(when, ...timesOf(next, estimate(next)));
    current = next;
  }
  update(task);
  return { element, update, task: () => current };
}

function timesOf(task, leftMs) {
  if (task.endedAt !== null && task.startedAt !== null)
    return [`took ${duration(task.endedAt - task.startedAt)}, `, ago(task.endedAt)];
  if (task.startedAt !== null && taskWords(task.status).state === 'running') {
    const left = leftMs === null ? [] : [`, ${roughly(leftMs)} left`];
    return [since(task.startedAt), ...left];
  }
  return ['submitted ', ago(task.submittedAt ?? task.createdAt)];
}

function noTasks() {
  return el(
    'div',
    { class: 'panel empty' },
    el('p', {}, 'No tasks yet.'),
    el('p', {}, 'Render a scene with ', el('code', {}, 'croft render scene.blend'), ' and it appears here.'),
  );
}
