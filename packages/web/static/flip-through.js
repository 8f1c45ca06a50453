/**
 * Plays the small pictures of finished frames one after the other. All are loaded and decoded before they are shown, so
 * that none flickers; frames without a picture are left out.
 */
import { el, show } from './dom.js';

const FRAMES_A_SECOND = 24;

/** @param {{stage: Element, frames: () => object[], onFrame(frame: object): void, onStopped(): void}} options */
export function flipThrough({ stage, frames, onFrame, onStopped }) {
  const scrubber = el('input', {
    type: 'range',
    min: 0,
    value: 0,
    hidden: true,
    'aria-label': 'Position',
    oninput: () => {
      isRunning = false;
      face();
      draw(Number(scrubber.value));
    },
  });
  const button = el('button', { class: 'plain play', type: 'button', onclick: () => toggle() }, 'Play');
  let reel = null;
  let position = 0;
  let isRunning = false;
  /** When and where it began to run. */
  let begun = { at: 0, position: 0 };
  let loading = 0;

  function face() {
    button.textContent = isRunning ? 'Pause' : 'Play';
  }
  async function start() {
    const turn = ++loading;
    button.textContent = 'Loading…';
    const shots = frames().filter(({ thumbnail }) => thumbnail);
    const loaded = await Promise.all(
      shots.map(async (frame) => {
        const image = el('img', { src: frame.thumbnail, alt: `Frame ${frame.frame}` });
        return image.decode().then(
          () => ({ frame, image }),
          () => null,
        );
      }),
    );
    if (turn !== loading) return;
    reel = loaded.filter(Boolean);
    if (reel.length === 0) return stop();
    scrubber.max = String(reel.length - 1);
    scrubber.hidden = false;
    run();
  }
  function run() {
    isRunning = true;
    face();
    requestAnimationFrame((at) => {
      begun = { at, position };
      tick(at);
    });
  }
  function tick(at) {
    if (!isRunning) return;
    // By the time that passed: a slow screen leaves frames out, it does not slow the motion.
    const passed = Math.floor(((at - begun.at) * FRAMES_A_SECOND) / 1000);
    const due = (begun.position + passed) % reel.length;
    if (due !== position || !reel[due].image.isConnected) draw(due);
    requestAnimationFrame(tick);
  }
  function draw(next) {
    position = next;
    scrubber.value = String(next);
    show(stage, reel[next].image);
    onFrame(reel[next].frame);
  }
  function toggle() {
    if (reel === null) return start();
    if (isRunning) isRunning = false;
    else return run();
    face();
  }
  function end() {
    loading += 1;
    isRunning = false;
    reel = null;
    position = 0;
  }
  /** Back to looking at one frame. */
  function stop() {
    const wasPlaying = reel !== null;
    end();
    scrubber.hidden = true;
    face();
    if (wasPlaying) onStopped();
  }
  return { button, scrubber, toggle, stop, end, isPlaying: () => reel !== null };
}
