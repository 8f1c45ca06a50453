/**
 * The page: signs in with the code of the link (#code=…), then shows the view that the fragment names and passes live
 * events to it. A view is {title(), event(event), again(), close?()}: `event` may answer a promise, `again` reads
 * everything anew after a gap.
 */
import { showAccount } from './account-menu.js';
import { ApiError, signIn } from './api.js';
import { keepListening } from './connection.js';
import { el, show } from './dom.js';
import { openNodes } from './nodes-view.js';
import { showSignInForm } from './sign-in-view.js';
import { openTask } from './task-view.js';
import { openTasks } from './tasks-view.js';

const RETRY_MS = 3000;
const NOT_FOUND = 404;
const main = document.getElementById('content');
const live = document.getElementById('live');
const banner = document.getElementById('banner');
const corner = document.getElementById('account');
let view = null;
let opening = 0;
let retry = 0;
let stopListening = null;

async function start() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code !== null) {
    // Out of the address bar first: the code must not stay in the history.
    history.replaceState(null, '', '#/');
    try {
      await signIn(code);
    } catch (error) {
      return showSignIn(error);
    }
  }
  await route();
}

async function route() {
  const turn = ++opening;
  clearTimeout(retry);
  view?.close?.();
  view = null;
  markSection();
  try {
    const opened = await openerOf(location.hash)(main);
    if (turn !== opening) return opened.close?.();
    view = opened;
    nameTab();
    // Who came by a link goes on from the top of what it led to.
    if (stopListening !== null) main.focus();
    scrollTo(0, 0);
    if (stopListening === null) await showAccount(corner, () => showSignIn(null));
    if (turn === opening) stopListening ??= listen();
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

function nameTab() {
  const title = `${view.title()} – Croft`;
  if (document.title !== title) document.title = title;
}

function listen() {
  return keepListening({
    async onEvent(event) {
      if (view === null) return;
      const shown = view;
      // A view that reads for the event answers a promise: the tab tells what was read, not what was there before.
      await shown.event(event);
      if (view === shown) nameTab();
    },
    onStands: () => tellLive(true),
    onLost: () => tellLive(false),
    onBack: readAgain,
    onSignedOut: () => showSignIn(null),
  });
}

function tellLive(stands) {
  live.dataset.on = String(stands);
  live.textContent = stands ? 'Live' : 'Connecting…';
  banner.hidden = stands;
  banner.textContent = stands ? '' : 'The farm cannot be reached. What you see may be old; trying again…';
}

/** What was missed in a gap is read; events go on meanwhile. */
function readAgain() {
  if (view === null) return route();
  const shown = view;
  return shown.again().then(
    () => view === shown && nameTab(),
    (error) => view === shown && error.status !== 0 && showError(error),
  );
}

function showError(error) {
  if (error.status === 401) return showSignIn(null);
  view?.close?.();
  view = null;
  document.title = 'Croft';
  show(
    main,
    el(
      'div',
      { class: 'panel error', role: 'alert' },
      el('p', {}, error.message),
      error.hint && el('p', { class: 'quiet' }, error.hint),
      error.status === NOT_FOUND
        ? el('a', { href: '#/' }, 'All tasks')
        : el('button', { class: 'plain', type: 'button', onclick: () => route() }, 'Try again'),
    ),
  );
  if (error.status === 0) retry = setTimeout(route, RETRY_MS);
}

/** @param {{message: string, hint: string} | null} problem why signing in failed */
function showSignIn(problem) {
  opening += 1;
  stopListening?.();
  stopListening = null;
  view?.close?.();
  view = null;
  live.textContent = '';
  banner.hidden = true;
  document.title = 'Sign in – Croft';
  show(corner);
  showSignInForm(main, problem, route);
}

addEventListener('hashchange', () => (location.hash.startsWith('#code=') ? start() : route()));
// Reads that an event or a button began: the banner tells of a farm that is away, the rest is shown.
addEventListener('unhandledrejection', (event) => {
  if (!(event.reason instanceof ApiError)) return;
  event.preventDefault();
  if (event.reason.status !== 0) showError(event.reason);
});
// A machine that slept may hold a dead stream that looks alive.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && view !== null) readAgain();
});
start();
