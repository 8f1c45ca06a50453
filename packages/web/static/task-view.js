/** One task: progress, why it waits, failures, frames, results. Frames change by events, the rest is read again at most once a second. */
import { getJson } from './api.js';
import { el, picture, show } from './dom.js';
import { openFrame } from './frame-dialog.js';
import { counts, progressBar } from './progress.js';
import { pager } from './tasks-view.js';
import { bytes, duration, frameWords, taskWords, time } from './words.js';

const FRAMES_A_PAGE = 200;
const RESULTS_A_PAGE = 50;
const REREAD_MS = 1000;

export async function openTask(main, id) {
  const head = el('div');
  const frameList = el('ul', { class: 'frames' });
  const framePages = el('div', { class: 'pages' });
  const results = el('div');
  const tiles = new Map();
  let framePage = 1;
  let resultPage = 1;
  let timer = 0;

  show(main, el('p', { class: 'empty' }, 'Loading…'));

  async function loadTask() {
    show(head, ...headOf(await getJson(`/tasks/${id}`)));
  }
  async function loadFrames() {
    const frames = await getJson(`/tasks/${id}/frames?page=${framePage}&size=${FRAMES_A_PAGE}`);
    tiles.clear();
    for (const frame of frames.items) tiles.set(frame.id, tileOf(id, frame));
    show(frameList, ...tiles.values());
    if (frames.total === 0)
      show(frameList, el('li', { class: 'quiet' }, 'Frames appear when the task is submitted.'));
    show(
      framePages,
      ...pager(framePage, Math.ceil(frames.total / FRAMES_A_PAGE), (page) => {
        framePage = page;
        loadFrames();
      }),
    );
  }
  async function loadResults() {
    const page = await getJson(`/tasks/${id}/results?page=${resultPage}&size=${RESULTS_A_PAGE}`);
    show(
      results,
      resultTable(id, page),
      el(
        'div',
        { class: 'pages' },
        ...pager(resultPage, Math.ceil(page.total / RESULTS_A_PAGE), (next) => {
          resultPage = next;
          loadResults();
        }),
      ),
    );
  }
  const loadAll = () => Promise.all([loadTask(), loadFrames(), loadResults()]);
  await loadAll();
  show(main, head, el('h2', {}, 'Frames'), frameList, framePages, el('h2', {}, 'Results'), results);

  return {
    title: `Task ${id}`,
    again: loadAll,
    close: () => clearTimeout(timer),
    event(event) {
      if (event.kind === 'task-deleted' && event.taskId === id) {
        show(
          main,
          el('p', { class: 'panel empty' }, 'This task was deleted. ', el('a', { href: '#/' }, 'All tasks')),
        );
      }
      const isOurs =
        (event.kind === 'task' && event.task.id === id) || (event.kind === 'frame' && event.taskId === id);
      if (!isOurs) return;
      if (event.kind === 'frame') markTile(tiles.get(event.frameId), event);
      // Many frames may end within a second; thumbnails, failures and results are read once for all of them.
      if (timer === 0) {
        timer = setTimeout(() => {
          timer = 0;
          loadAll().catch(() => {});
        }, REREAD_MS);
      }
    },
  };
}

function headOf(task) {
  const { text, state } = taskWords(task.status);
  const facts = [
    `#${task.id}`,
    task.app && `${task.app} ${task.appVersion ?? ''}`.trim(),
    task.framesRange && `frames ${task.framesRange}`,
    task.projectName && `project ${task.projectName}`,
    `by ${task.userName}`,
    `submitted ${time(task.submittedAt)}`,
    task.startedAt !== null && task.endedAt !== null && `took ${duration(task.endedAt - task.startedAt)}`,
  ].filter(Boolean);
  return [
    el(
      'div',
      { class: 'row' },
      el('h1', {}, task.sceneName || `Task ${task.id}`),
      el('span', { class: `state is-${state}` }, text),
    ),
    el('p', { class: 'row quiet small' }, ...facts.map((fact) => el('span', {}, fact))),
    progressBar(task.frames),
    counts(task.frames),
    task.waitingFor.length > 0 &&
      el(
        'div',
        {},
        el('h2', {}, 'Why it waits'),
        el('ul', { class: 'panel notes' }, ...task.waitingFor.map((reason) => el('li', {}, reason))),
      ),
    task.failures.length > 0 &&
      el(
        'div',
        {},
        el('h2', {}, 'Failures'),
        el(
          'ul',
          { class: 'panel notes failures' },
          ...task.failures.map((failure) =>
            el(
              'li',
              {},
              `Frame ${failure.frame}: ${failure.reason} `,
              el(
                'span',
                { class: 'quiet small' },
                failure.count > 1 ? `${failure.code}, ${failure.count} times` : failure.code,
              ),
            ),
          ),
        ),
      ),
  ].filter(Boolean);
}

function tileOf(taskId, frame) {
  const { text, state } = frameWords(frame.status);
  const tile = el(
    'button',
    {
      class: 'frame',
      type: 'button',
      'data-state': state,
      'data-key': `frame-${frame.id}`,
      title: frame.failure?.reason ?? '',
      onclick: () => openFrame(taskId, frame),
    },
    picture(frame.thumbnail, '', 'shot'),
    el(
      'span',
      { class: 'label' },
      el('span', {}, frame.frame),
      el('span', { class: `is-${state}` }, state === 'running' ? `${Math.round(frame.percent)} %` : text),
    ),
  );
  return el('li', {}, tile);
}

function markTile(item, event) {
  if (!item) return;
  const { text, state } = frameWords(event.status);
  item.firstElementChild.dataset.state = state;
  const label = item.querySelector('.label').lastElementChild;
  label.className = `is-${state}`;
  label.textContent = state === 'running' ? `${Math.round(event.percent)} %` : text;
}

function resultTable(taskId, page) {
  if (page.total === 0) return el('p', { class: 'quiet' }, 'Files appear here as frames finish.');
  const rows = page.items.map((result) =>
    el(
      'tr',
      {},
      el(
        'td',
        { class: 'wide' },
        el(
          'a',
          {
            href: `api/v1/tasks/${taskId}/results/file?path=${encodeURIComponent(result.path)}`,
            download: '',
          },
          result.path.slice(1),
        ),
      ),
      el('td', { class: 'number' }, result.frame === null ? '–' : String(result.frame)),
      el('td', {}, result.kind === 'main' ? 'picture' : result.kind),
      el(
        'td',
        {},
        [result.format, result.width && `${result.width} × ${result.height}`].filter(Boolean).join(', '),
      ),
      el('td', { class: 'number' }, bytes(result.size)),
    ),
  );
  return el(
    'div',
    { class: 'panel scroll', tabindex: '0', role: 'region', 'aria-label': 'Results' },
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', { scope: 'col' }, 'File'),
          el('th', { class: 'number', scope: 'col' }, 'Frame'),
          el('th', { scope: 'col' }, 'Kind'),
          el('th', { scope: 'col' }, 'Format'),
          el('th', { class: 'number', scope: 'col' }, 'Size'),
        ),
      ),
      el('tbody', {}, ...rows),
    ),
  );
}
