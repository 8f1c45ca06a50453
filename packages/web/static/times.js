/** Times in words that stay true while one looks: every `<time data-tick>` is worded anew each second. */
import { el } from './dom.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A clock this near to the farm's is right: the farm tells its time in whole seconds. */
const NEAR_MS = 2 * SECOND;

let skewMs = 0;

/** The farm's clock by the Date header of its answers, so that a wrong clock here does not bend durations. */
export function learnFarmTime(header) {
  const behind = Date.parse(header ?? '') - Date.now();
  if (!Number.isNaN(behind)) skewMs = Math.abs(behind) < NEAR_MS ? 0 : behind;
}

/** Milliseconds since 1970 as the farm counts them. */
export const farmNow = () => Date.now() + skewMs;

export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / SECOND));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const parts =
    hours > 0
      ? [
          [hours, 'h'],
          [minutes, 'min'],
        ]
      : [
          [minutes, 'min'],
          [seconds % 60, 's'],
        ];
  const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return told.join(' ') || 'under 1 s';
}

/** A duration one only guesses at, without false precision. */
export function roughly(ms) {
  if (ms < MINUTE) return `about ${Math.max(5, Math.ceil(ms / SECOND / 5) * 5)} s`;
  if (ms < HOUR) return `about ${Math.ceil(ms / MINUTE)} min`;
  return ms < 48 * HOUR ? `about ${Math.round(ms / HOUR)} h` : `about ${Math.round(ms / HOUR / 24)} days`;
}

const full = (ms) => new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

function agoWords(ms) {
  const past = farmNow() - ms;
  if (past < 45 * SECOND) return 'just now';
  if (past < HOUR) return `${Math.max(1, Math.round(past / MINUTE))} min ago`;
  if (past < 24 * HOUR) return `${Math.round(past / HOUR)} h ago`;
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

const WORDS = { ago: agoWords, since: (ms) => duration(farmNow() - ms) };

function ticking(kind, ms) {
  const iso = new Date(ms).toISOString();
  return el('time', { datetime: iso, title: full(ms), 'data-tick': kind, 'data-ms': ms }, WORDS[kind](ms));
}

/** "3 min ago", with the full time as its title. */
export const ago = (ms) => (ms === null ? '–' : ticking('ago', ms));
/** How long it is since: "2 min 5 s". */
export const since = (ms) => ticking('since', ms);

setInterval(() => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll('time[data-tick]')) {
    const words = WORDS[element.dataset.tick](Number(element.dataset.ms));
    if (element.textContent !== words) element.textContent = words;
  }
}, SECOND);
