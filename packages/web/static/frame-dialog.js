/** A frame close up: its picture, what went wrong, and the log of its newest attempt. */
import { getText } from './api.js';
import { el, picture, show } from './dom.js';
import { duration, frameWords } from './words.js';

/** A browser should not lay out more than this of a log; the end is what matters. */
const SHOWN_CHARACTERS = 200_000;

export function openFrame(taskId, frame) {
  const log = el('pre', { tabindex: '0', 'aria-label': 'Log' }, 'Loading the log…');
  const facts = [
    frameWords(frame.status).text,
    frame.node && `on ${frame.node}`,
    frame.startedAt !== null && frame.endedAt !== null && duration(frame.endedAt - frame.startedAt),
    frame.attempts > 1 && `${frame.attempts} attempts`,
  ].filter(Boolean);
  const dialog = el(
    'dialog',
    { 'aria-label': `Frame ${frame.frame}`, onclose: () => dialog.remove() },
    el(
      'header',
      {},
      el('h2', {}, `Frame ${frame.frame}`),
      el('span', { class: 'quiet small' }, facts.join(', ')),
      el('button', { class: 'plain push', type: 'button', onclick: () => dialog.close() }, 'Close'),
    ),
    frame.thumbnail && picture(frame.thumbnail, `Frame ${frame.frame}`, 'shot'),
    frame.failure &&
      el(
        'p',
        { class: 'is-failed' },
        `${frame.failure.reason} `,
        el('span', { class: 'quiet small' }, frame.failure.code),
      ),
    log,
  );
  document.body.append(dialog);
  dialog.showModal();
  getText(`/tasks/${taskId}/log?frame=${frame.id}`).then(
    (text) => {
      const cut = text.length > SHOWN_CHARACTERS;
      show(
        log,
        text === ''
          ? 'There is no log yet.'
          : `${cut ? '… (only the end is shown)\n' : ''}${text.slice(-SHOWN_CHARACTERS)}`,
      );
      log.scrollTop = log.scrollHeight;
    },
    (error) => show(log, error.message),
  );
}
