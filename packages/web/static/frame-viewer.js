/**
 * A frame close up: its picture at full size where a browser can show it, its files, what went wrong, and its log. Arrow
 * keys go through the frames of the page, and play flips through those that are done.
 */
import { fileUrl, getJson } from './api.js';
import { el, show } from './dom.js';
import { flipThrough } from './flip-through.js';
import { logPanel } from './log-panel.js';
import { fileLink } from './results-table.js';
import { duration } from './times.js';
import { bytes, frameWords, SHOWN_FORMATS } from './words.js';

/** Larger pictures are left to be downloaded: decoding them would stop the browser. */
const LARGEST_SHOWN_BYTES = 32 * 1024 * 1024;

/** @param {{taskId: number, frames: () => object[], frameId: number | null, playing: boolean}} options */
export function openViewer({ taskId, frames, frameId, playing }) {
  const title = el('h2');
  const facts = el('span', { class: 'quiet small', 'aria-live': 'polite' });
  const stage = el('div', { class: 'stage' });
  const failure = el('p', { class: 'is-failed', hidden: true });
  const files = el('p', { class: 'row small' });
  const log = logPanel(taskId);
  let current = frameId;
  let shown = null;

  const at = () =>
    Math.max(
      0,
      frames().findIndex(({ id }) => id === current),
    );
  const button = (label, name, onclick) =>
    el('button', { class: 'plain', type: 'button', 'aria-label': name, title: name, onclick }, label);
  const previous = button('‹', 'Previous frame', () => step(-1));
  const next = button('›', 'Next frame', () => step(1));
  const flip = flipThrough({ stage, frames, onFrame: showPlayed, onStopped });
  const dialog = el(
    'dialog',
    { class: 'viewer', 'aria-label': 'Frame', onclose: end, onkeydown: onKey },
    el(
      'header',
      {},
      title,
      facts,
      el(
        'span',
        { class: 'push row buttons' },
        flip.button,
        previous,
        next,
        button('Close', 'Close', () => dialog.close()),
      ),
    ),
    stage,
    flip.scrubber,
    failure,
    files,
    log.element,
  );

  function onStopped() {
    shown = null;
    showFrame(current);
  }
  function step(by) {
    flip.stop();
    const all = frames();
    const frame = all[Math.min(all.length - 1, Math.max(0, at() + by))];
    if (frame) showFrame(frame.id);
  }
  /** Only what changes quickly: name and picture. */
  function showPlayed(frame) {
    current = frame.id;
    title.textContent = `Frame ${frame.frame}`;
    facts.textContent = '';
  }
  function showFrame(id) {
    current = id ?? frames()[0]?.id ?? null;
    const frame = frames()[at()];
    if (!frame) return dialog.close();
    const isOther = shown?.id !== frame.id;
    const isNewPicture = isOther || shown.thumbnail !== frame.thumbnail || shown.status !== frame.status;
    title.textContent = `Frame ${frame.frame}`;
    facts.textContent = factsOf(frame);
    previous.disabled = at() === 0;
    flip.button.hidden = frames().filter(({ thumbnail }) => thumbnail).length < 2;
    next.disabled = at() === frames().length - 1;
    failure.hidden = frame.failure === null;
    if (frame.failure)
      show(failure, `${frame.failure.reason} `, el('span', { class: 'quiet small' }, frame.failure.code));
    if (isNewPicture) showPicture(frame);
    log.show(frame, isOther);
    shown = frame;
  }
  function showPicture(frame) {
    show(files);
    show(
      stage,
      frame.thumbnail
        ? el('img', { src: frame.thumbnail, alt: `Frame ${frame.frame}` })
        : el('span', { class: 'quiet' }, frameWords(frame.status).text),
    );
    if (frameWords(frame.status).state === 'done') loadFiles(frame).catch(() => {});
  }
  async function loadFiles(frame) {
    const { items } = await getJson(`/tasks/${taskId}/results?frame=${frame.id}&size=20&thumbnails=0`);
    if (current !== frame.id || flip.isPlaying()) return;
    show(files, ...items.map((file) => el('span', {}, fileLink(taskId, file), ` ${bytes(file.size)}`)));
    const main = items.find(({ kind }) => kind === 'main') ?? items[0];
    if (!main || !SHOWN_FORMATS.includes(main.format) || main.size > LARGEST_SHOWN_BYTES) return;
    const full = el('img', { src: fileUrl(taskId, main.path, true), alt: `Frame ${frame.frame}` });
    await full.decode();
    if (current === frame.id && !flip.isPlaying()) show(stage, full);
  }
  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest('input, pre')) return;
    if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
    else if (event.key === ' ' && !event.target.closest('button, a, summary')) flip.toggle();
    else return;
    event.preventDefault();
  }
  function end() {
    flip.end();
    dialog.remove();
    document.querySelector(`[data-key="frame-${current}"]`)?.focus();
    current = null;
  }

  document.body.append(dialog);
  dialog.showModal();
  if (playing) flip.toggle();
  else showFrame(current);
  return {
    refresh() {
      // A frame that left the page, since its state is not the chosen one any more, stays as it was.
      const isThere = frames().some(({ id }) => id === current);
      if (dialog.open && isThere && !flip.isPlaying()) showFrame(current);
    },
    close: () => dialog.close(),
  };
}

function factsOf(frame) {
  const { text, state } = frameWords(frame.status);
  return [
    state === 'running' && frame.percent > 0 ? `${text} ${Math.round(frame.percent)} %` : text,
    frame.node && `on ${frame.node}`,
    frame.startedAt !== null && frame.endedAt !== null && duration(frame.endedAt - frame.startedAt),
    frame.attempts > 1 && `${frame.attempts} attempts`,
  ]
    .filter(Boolean)
    .join(', ');
}
