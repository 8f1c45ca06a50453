/** What somebody sees who is not signed in: a form for a name and its password, and where a link comes from. */
import { signInByPassword } from './api.js';
import { el, show } from './dom.js';

/**
 * @param {HTMLElement} where
 * @param {{message: string, hint?: string} | null} problem why a sign-in failed
 * @param {() => void} onSignedIn
 */
export function showSignInForm(where, problem, onSignedIn) {
  const told = el('div', { role: 'alert' });
  const account = el('input', { name: 'account', autocomplete: 'username', required: true, maxlength: 200 });
  const password = el('input', {
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    maxlength: 1000,
  });
  const button = el('button', { class: 'plain', type: 'submit' }, 'Sign in');

  function tell(error) {
    show(
      told,
      error && el('p', { class: 'is-failed' }, error.message),
      error?.hint && el('p', { class: 'small' }, error.hint),
    );
  }

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      await signInByPassword(account.value, password.value);
      onSignedIn();
    } catch (error) {
      tell(error);
      password.select();
    } finally {
      button.disabled = false;
    }
  }

  show(
    where,
    el(
      'div',
      { class: 'panel empty' },
      el('p', {}, 'You are not signed in.'),
      told,
      el(
        'form',
        { class: 'fields', onsubmit: submit },
        el('label', {}, 'Name', account),
        el('label', {}, 'Password', password),
        button,
      ),
      el(
        'p',
        { class: 'small' },
        'Without a password, open the link that ',
        el('code', {}, 'croft up'),
        ' or ',
        el('code', {}, 'croft server'),
        ' prints when it starts, or ',
        el('code', {}, 'croft sign-in'),
        ' at any time: it signs this browser in.',
      ),
    ),
  );
  tell(problem);
  account.focus();
}
