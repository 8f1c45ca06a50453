/** Node ends a script that only waits on the clock, so a call that waits holds a timer as long as it runs. */

/** About 25 days; the timer does nothing when it fires. */
const SELDOM_MS = 0x7fffffff;

/** Runs `work`; the process stays until it has ended. */
export async function keepAwake<Result>(work: () => Promise<Result>): Promise<Result> {
  const awake = setInterval(() => {}, SELDOM_MS);
  try {
    return await work();
  } finally {
    clearInterval(awake);
  }
}
