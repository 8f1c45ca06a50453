/** The log of a frame's newest attempt: open for what failed or renders, one click away otherwise. */
import { getText } from './api.js';
import { el } from './dom.js';
import { frameWords } from './words.js';

/** A browser should not fetch and lay out more than this of a log; the end is what matters. */
const SHOWN_BYTES = 200_000;
/** Bytes by which a log that was cut may fall short, as it begins with a whole character. */
const LONGEST_CHARACTER = 4;
const REREAD_MS = 2000;

export function logPanel(taskId) {
  const text = el('pre', { tabindex: '0', 'aria-label': 'Log' });
  const element = el('details', { class: 'log', ontoggle: () => read() }, el('summary', {}, 'Log'), text);
  let frame = null;
  let readAt = 0;

  async function read() {
    if (!element.open || frame === null) return;
    const { id } = frame;
    readAt = performance.now();
    if (text.textContent === '') text.textContent = 'Loading the log…';
    const words = await getText(`/tasks/${taskId}/log?frame=${id}&last=${SHOWN_BYTES}`).then(
      wordsOf,
      ({ message }) => message,
    );
    if (frame?.id !== id || text.textContent === words) return;
    const wasAtEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 20;
    text.textContent = words;
    if (wasAtEnd) text.scrollTop = text.scrollHeight;
  }
  return {
    element,
    show(next, isOther) {
      const { state } = frameWords(next.status);
      frame = next;
      if (isOther) {
        text.textContent = '';
        element.open = element.open || state === 'failed' || state === 'running';
      }
      if (isOther || performance.now() - readAt > REREAD_MS) read();
    },
  };
}

function wordsOf(log) {
  if (log === '') return 'There is no log yet.';
  const isCut = new TextEncoder().encode(log).length > SHOWN_BYTES - LONGEST_CHARACTER;
  return isCut ? `… (only the end is shown)\n${log}` : log;
}
