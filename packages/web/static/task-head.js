/** The upper part of a task: its name, state, times, progress, why it waits and what failed. Updated in place. */
import { el, show } from './dom.js';
import { counts, createEstimate, progressBar } from './progress.js';
import { taskActions } from './task-actions.js';
import { ago, duration, roughly, since } from './times.js';
import { taskWords } from './words.js';

export function taskHead(task, onChanged) {
  const state = el('span');
  const facts = el('p', { class: 'row quiet small facts' });
  const times = el('span', { class: 'push small quiet' });
  const notes = el('div');
  const bar = progressBar(task.frames);
  const count = counts(task.frames);
  const actions = taskActions(task, onChanged);
  const estimate = createEstimate();
  const element = el(
    'div',
    {},
    el(
      'div',
      { class: 'row heading' },
      el('h1', {}, task.sceneName || `Task ${task.id}`),
      state,
      actions.element,
    ),
    facts,
    bar.element,
    el('div', { class: 'row' }, count.element, times),
    notes,
  );
  let shownNotes = '';
  function update(next) {
    const words = taskWords(next.status);
    state.className = `state is-${words.state}`;
    state.textContent = words.text;
    show(facts, ...factsOf(next).map((fact) => el('span', {}, ...[fact].flat())));
    show(times, ...timesOf(next, estimate(next)));
    bar.update(next.frames);
    count.update(next.frames);
    actions.update(next);
    const key = JSON.stringify([next.frames.running > 0, next.waitingFor, next.failures]);
    if (key !== shownNotes) show(notes, ...notesOf(next));
    shownNotes = key;
  }
  update(task);
  return { element, update };
}

function factsOf(task) {
  return [
    `#${task.id}`,
    task.app && `${task.app} ${task.appVersion ?? ''}`.trim(),
    task.framesRange && `frames ${task.framesRange}`,
    task.projectName && `project ${task.projectName}`,
    task.layerName && `layer ${task.layerName}`,
    task.parentId > 0 && ['part of ', taskLink(task.parentId)],
    task.childIds.length > 0 && ['made of ', ...task.childIds.flatMap((id) => [taskLink(id), ' '])],
    task.clonedFrom > 0 && ['clone of ', taskLink(task.clonedFrom)],
    task.labels.length > 0 && task.labels.map(({ name }) => name).join(', '),
    task.isOverTime && 'over its reminder time',
    `by ${task.userName}`,
    task.submittedAt !== null && ['submitted ', ago(task.submittedAt)],
  ].filter(Boolean);
}

function taskLink(id) {
  return el('a', { href: `#/tasks/${id}` }, `#${id}`);
}

function timesOf(task, leftMs) {
  if (task.startedAt === null) return [];
  if (task.endedAt !== null) return [`took ${duration(task.endedAt - task.startedAt)}`];
  return [since(task.startedAt), leftMs === null ? '' : `, ${roughly(leftMs)} left`];
}

function notesOf({ waitingFor, failures, frames }) {
  // While some frame renders, what the others wait for is their turn.
  const waits = frames.running === 0 && waitingFor.length > 0;
  return [
    waits && el('h2', {}, 'Why it waits'),
    waits && el('ul', { class: 'panel notes' }, ...waitingFor.map((reason) => el('li', {}, reason))),
    failures.length > 0 && el('h2', {}, 'Failures'),
    failures.length > 0 && el('ul', { class: 'panel notes failures' }, ...failures.map(failureOf)),
  ].filter(Boolean);
}

function failureOf({ frame, reason, code, count }) {
  const times = count > 1 ? `${code}, ${count} times` : code;
  return el('li', {}, `Frame ${frame}: ${reason} `, el('span', { class: 'quiet small' }, times));
}
