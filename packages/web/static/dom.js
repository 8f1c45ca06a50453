/** Builds elements without ever parsing text as HTML: names of scenes and files are strangers' text. */

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] attributes; `on…` are listeners, null and false are left out
 * @param {...(Node | string | null | undefined | false)} children
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter(isShown));
  return element;
}

/** What is left out here would be shown as the word "null". */
function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

/** Replaces what `parent` shows, keeping the keyboard focus on the element with the same `data-key`. */
export function show(parent, ...children) {
  const key = document.activeElement?.getAttribute('data-key');
  parent.replaceChildren(...children.filter(isShown));
  if (key) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** A picture that hides itself behind `fallback` when it does not load. */
export function picture(src, alt, className) {
  if (!src) return el('span', { class: `${className} blank`, 'aria-hidden': 'true' });
  return el('img', {
    src,
    alt,
    class: className,
    loading: 'lazy',
    decoding: 'async',
    onerror: (event) => event.target.replaceWith(el('span', { class: `${className} blank` })),
  });
}
