/**
 * The page: signs in with the code of the link (#code=…), then shows the view that the fragment names and passes live
 * events to it. A view is {title, event, again, close?}: `again` reads everything anew after a lost stream.
 */
import { listen, signIn } from './api.js';
import { el, show } from './dom.js';
import { openNodes } from './nodes-view.js';
import { openTask } from './task-view.js';
import { openTasks } from './tasks-view.js';

const main = document.getElementById('content');
const live = document.getElementById('live');
let view = null;
let opening = 0;
let stopListening = null;

async function start() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code !== null) {
    // Out of the address bar first: the code must not stay in the history.
    history.replaceState(null, '', '#/');
    try {
      await signIn(code);
    } catch (error) {
      return showSignIn(error.message);
    }
  }
  await route();
}

async function route() {
  const turn = ++opening;
  view?.close?.();
  view = null;
  markSection();
  try {
    const opened = await openerOf(location.hash)(main);
    if (turn !== opening) return opened.close?.();
    view = opened;
    document.title = `${opened.title} – Croft`;
    stopListening ??= listen(onEvent, onState, () => again());
  } catch (error) {
    if (turn === opening) showError(error);
  }
}

function openerOf(hash) {
  const task = /^#\/tasks\/(\d+)$/.exec(hash);
  if (task) return (where) => openTask(where, Number(task[1]));
  return hash === '#/nodes' ? openNodes : openTasks;
}

function markSection() {
  const section = location.hash === '#/nodes' ? '#/nodes' : '#/';
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === section) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function onEvent(event) {
  view?.event(event);
}

function onState(stands) {
  live.dataset.on = String(stands);
  live.textContent = stands ? 'Live' : 'Connecting…';
}

/** After a gap: the stream may have to be opened anew, and what was missed is read. */
function again() {
  stopListening?.();
  stopListening = null;
  if (view === null) return route();
  view.again().then(
    () => {
      stopListening ??= listen(onEvent, onState, () => again());
    },
    (error) => showError(error),
  );
}

function showError(error) {
  if (error.status === 401) return showSignIn('');
  const retry = el('button', { class: 'plain', type: 'button', onclick: () => route() }, 'Try again');
  show(
    main,
    el(
      'div',
      { class: 'panel error', role: 'alert' },
      el('p', {}, error.message),
      error.hint && el('p', { class: 'quiet' }, error.hint),
      retry,
    ),
  );
  if (error.status === 0) setTimeout(() => view === null && route(), 3000);
}

function showSignIn(problem) {
  stopListening?.();
  stopListening = null;
  live.textContent = '';
  document.title = 'Sign in – Croft';
  show(
    main,
    el(
      'div',
      { class: 'panel empty' },
      problem && el('p', { class: 'is-failed', role: 'alert' }, problem),
      el('p', {}, 'You are not signed in.'),
      el('p', {}, 'Open the link that ', el('code', {}, 'croft up'), ' prints: it signs this browser in.'),
    ),
  );
}

addEventListener('hashchange', () => (location.hash.startsWith('#code=') ? start() : route()));
start();
