/** Small dialogs. They are removed when closed, and the focus returns to where it was. */
import { el } from './dom.js';

/** Shows a dialog with a heading, what it says, and buttons of its own besides Close. */
export function openDialog(title, body, { className = '', buttons = [], closeWord = 'Close' } = {}) {
  const close = el('button', { class: 'plain', type: 'button', onclick: () => dialog.close() }, closeWord);
  const dialog = el(
    'dialog',
    { 'aria-label': title, class: className, onclose: () => dialog.remove() },
    el('h2', {}, title),
    ...body,
    el('div', { class: 'row buttons' }, close, ...buttons),
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks before something that cannot be undone. @returns {Promise<boolean>} */
export function confirmed(title, text, verb) {
  return new Promise((answer) => {
    const yes = el('button', { class: 'plain danger', type: 'button' }, verb);
    const dialog = openDialog(title, [el('p', {}, text)], {
      className: 'small-dialog',
      buttons: [yes],
      closeWord: 'Cancel',
    });
    yes.addEventListener('click', () => {
      answer(true);
      dialog.close();
    });
    dialog.addEventListener('close', () => answer(false));
  });
}
