/**
 * The stream of live events, kept standing. It stands, or it is lost and tried again after 1, 2, 4, then 8 s. Before
 * each try a small read tells a farm that is away from a session that has ended. Events missed meanwhile are not sent
 * again, so `onBack` must read everything anew.
 */
import { getJson } from './api.js';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 8000;

/**
 * @param {{onEvent(event: object): void, onStands(): void, onLost(): void, onBack(): void, onSignedOut(): void}} hears
 * @returns {() => void} ends it
 */
export function keepListening({ onEvent, onStands, onLost, onBack, onSignedOut }) {
  let source = null;
  let timer = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let wasLost = false;
  let ended = false;

  function open() {
    source = new EventSource('api/v1/events');
    source.onopen = () => {
      pauseMs = FIRST_PAUSE_MS;
      onStands();
      if (wasLost) onBack();
      wasLost = false;
    };
    source.onmessage = ({ data }) => onEvent(JSON.parse(data));
    source.onerror = lose;
  }
  function lose() {
    source?.close();
    source = null;
    wasLost = true;
    onLost();
    timer = setTimeout(tryAgain, pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
  async function tryAgain() {
    try {
      await getJson('/tasks?size=1');
      if (!ended) open();
    } catch (error) {
      if (ended) return;
      if (error.status === 401) onSignedOut();
      else lose();
    }
  }
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    source?.close();
  };
}
