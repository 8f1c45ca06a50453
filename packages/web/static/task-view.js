/** One task: head, frames, results. Events show at once; what they leave out is read again at most once a second. */
import { getJson } from './api.js';
import { el, show } from './dom.js';
import { frameGrid } from './frame-grid.js';
import { openViewer } from './frame-viewer.js';
import { resultsTable } from './results-table.js';
import { taskHead } from './task-head.js';
import { donePercent, taskWords } from './words.js';

const REREAD_MS = 1000;

export async function openTask(main, id) {
  show(main, el('p', { class: 'empty' }, 'Loading…'));
  let task = await getJson(`/tasks/${id}`);
  let viewer = null;
  let timer = 0;
  let filesAt = -1;
  const results = resultsTable(id);
  const grid = frameGrid(id, (frameId) => look(frameId, false));
  const head = taskHead(task, (after) => (after === null ? gone() : changed(after)));
  const play = el('button', { class: 'plain', type: 'button', onclick: () => look(null, true) }, 'Play');

  function look(frameId, playing) {
    viewer = openViewer({ taskId: id, frames: grid.frames, frameId, playing });
  }
  function changed(next) {
    task = { ...task, ...next };
    head.update(task);
    grid.updateChoices(task.frames);
    play.hidden = task.frames.done < 2;
  }
  /** Whatever of these may have changed; results only when more frames are done than when they were read. */
  async function readAgain() {
    changed(await getJson(`/tasks/${id}`));
    const done = task.frames.done;
    await Promise.all([grid.load(), done === filesAt ? null : results.load()]);
    filesAt = done;
    viewer?.refresh();
  }
  function readSoon() {
    // Nobody looks at a hidden tab; it is read again when it is shown.
    if (timer !== 0 || document.hidden) return;
    timer = setTimeout(async () => {
      await readAgain().finally(() => {
        timer = 0;
      });
    }, REREAD_MS);
  }
  function gone() {
    clearTimeout(timer);
    viewer?.close();
    const all = el('a', { href: '#/' }, 'All tasks');
    show(main, el('p', { class: 'panel empty' }, `Task ${id} was deleted. `, all));
    all.focus();
  }

  if (task.deletedAt !== null) {
    gone();
    return { title: () => titleOf(task), again: async () => {}, event() {} };
  }
  await readAgain();
  const heading = el('div', { class: 'row section' }, el('h2', {}, 'Frames'), play);
  show(main, head.element, heading, grid.element, results.element);
  return {
    title: () => titleOf(task),
    again: readAgain,
    close() {
      clearTimeout(timer);
      viewer?.close();
    },
    event(event) {
      if (event.kind === 'task-deleted' && event.taskId === id) return gone();
      if (event.kind === 'task' && event.task.id === id) {
        changed(event.task);
        readSoon();
      }
      if (event.kind === 'frame' && (event.taskId === id || task.childIds.includes(event.taskId))) {
        const isShown = grid.mark(event);
        if (isShown) viewer?.refresh();
        if (isShown || grid.isFiltered()) readSoon();
      }
    },
  };
}

function titleOf(task) {
  const name = task.sceneName || `Task ${task.id}`;
  const { text, state } = taskWords(task.status);
  return state === 'running' ? `${donePercent(task.frames)} % · ${name}` : `${text} · ${name}`;
}
