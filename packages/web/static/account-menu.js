/** The account's own corner: who is signed in, its password, where else it is signed in, and signing out. */
import { getJson, postJson } from './api.js';
import { openDialog } from './dialogs.js';
import { el, show } from './dom.js';
import { ago } from './times.js';

const WAYS = { link: 'by a link', password: 'by password' };

/**
 * @param {HTMLElement} corner holds the button that opens the dialog
 * @param {() => void} onSignedOut
 */
export async function showAccount(corner, onSignedOut) {
  const caller = await getJson('/session');
  const open = () => openAccount(caller, onSignedOut);
  show(
    corner,
    el('button', { class: 'plain', type: 'button', onclick: open, title: 'Account' }, caller.accountName),
  );
}

function openAccount(caller, onSignedOut) {
  const sessions = el('ul', { class: 'sessions' });
  const signOut = el('button', { class: 'plain', type: 'button' }, 'Sign out');
  const dialog = openDialog(caller.accountName, [passwordForm(caller), el('h3', {}, 'Signed in'), sessions], {
    className: 'small-dialog',
    buttons: [signOut],
  });
  signOut.addEventListener('click', async () => {
    await postJson('/session/end');
    dialog.close();
    onSignedOut();
  });
  listSessions(sessions);
}

async function listSessions(list) {
  const rows = await getJson('/sessions');
  show(
    list,
    ...rows.map((row) =>
      el(
        'li',
        { class: 'row' },
        el(
          'span',
          {},
          ago(row.createdAt),
          ` ${WAYS[row.way] ?? row.way}`,
          row.address && ` from ${row.address}`,
        ),
        row.isCurrent
          ? el('span', { class: 'push quiet' }, 'this browser')
          : el(
              'button',
              {
                class: 'plain push',
                type: 'button',
                onclick: async () => {
                  await postJson(`/sessions/${row.id}/end`);
                  await listSessions(list);
                },
              },
              'End',
            ),
      ),
    ),
  );
}

function passwordForm(caller, done = '') {
  const told = el('p', { class: 'small', role: 'status' }, done);
  const current =
    caller.hasPassword &&
    el('input', { name: 'current', type: 'password', autocomplete: 'current-password', required: true });
  const fresh = el('input', {
    name: 'password',
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    minlength: 8,
    maxlength: 200,
  });

  async function submit(event) {
    event.preventDefault();
    try {
      const old = current ? { current: current.value } : {};
      await postJson('/password', { ...old, password: fresh.value });
      caller.hasPassword = true;
      form.replaceWith(passwordForm(caller, 'The password is set; other sessions have ended.'));
    } catch (error) {
      told.textContent = error.message;
    }
  }

  const form = el(
    'form',
    { class: 'fields', onsubmit: submit },
    current && el('label', {}, 'Password so far', current),
    el('label', {}, caller.hasPassword ? 'New password' : 'Choose a password', fresh),
    el('button', { class: 'plain', type: 'submit' }, 'Set password'),
    told,
  );
  return form;
}
