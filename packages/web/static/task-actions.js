/** Buttons for what one can do with a task as it is now. What cannot be undone asks first. */
import { postJson } from './api.js';
import { confirmed } from './dialogs.js';
import { el, show } from './dom.js';

const STOPPABLE = [0, 5, 8, 40];
const ABANDONED = 35;
const DONE = 25;
const TEST_DONE = 40;

const ACTIONS = [
  {
    name: 'start',
    label: (task) => (task.status === TEST_DONE ? 'Render all' : 'Start'),
    fits: ({ status, frames }) => status === TEST_DONE || (frames.stopped > 0 && status !== ABANDONED),
  },
  {
    name: 'retry',
    label: () => 'Retry failed',
    fits: ({ status, frames }) => frames.failed > 0 && status !== ABANDONED,
  },
  { name: 'stop', label: () => 'Stop', fits: ({ status }) => STOPPABLE.includes(status) },
  {
    name: 'abandon',
    label: () => 'Abandon',
    fits: ({ status }) => ![ABANDONED, DONE].includes(status),
    asks: 'It ends for good and cannot be started again. Finished frames stay.',
  },
  {
    name: 'delete',
    label: () => 'Delete',
    fits: () => true,
    asks: 'It is taken off the lists and what renders is stopped. Finished files stay in the output folder.',
  },
];

/** @param {(task: object | null) => void} onChanged gets the task as it is then; null when it was deleted */
export function taskActions(task, onChanged) {
  const problem = el('span', { class: 'is-failed small', role: 'alert' });
  const buttons = el('span', { class: 'row buttons' });
  const element = el('div', { class: 'actions' }, buttons, problem);
  let shown = '';

  async function act({ name, label, asks }) {
    const verb = label(current);
    if (asks && !(await confirmed(`${verb} task ${current.id}?`, asks, `${verb} it`))) return;
    problem.textContent = '';
    for (const button of buttons.children) button.disabled = true;
    try {
      const after = await postJson(`/tasks/${current.id}/${name}`);
      onChanged(name === 'delete' ? null : after);
    } catch (error) {
      problem.textContent = `${error.message} ${error.hint}`.trim();
    }
    for (const button of buttons.children) button.disabled = false;
  }

  let current = task;
  function update(next) {
    current = next;
    const fitting = ACTIONS.filter((action) => action.fits(next));
    const key = fitting.map((action) => action.label(next)).join();
    if (key === shown) return;
    shown = key;
    show(
      buttons,
      ...fitting.map((action) =>
        el(
          'button',
          {
            class: action.asks ? 'plain danger' : 'plain',
            type: 'button',
            'data-key': action.name,
            onclick: () => act(action),
          },
          action.label(next),
        ),
      ),
    );
  }
  update(task);
  return { element, update };
}
