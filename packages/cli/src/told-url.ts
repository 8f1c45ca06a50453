/** Which of a farm's addresses to name to somebody on another machine. */

/** Whether the address leads to the machine that reads it. */
export function isThisMachine(url: string): boolean {
  const host = new URL(url).hostname;
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/** What the farm tells, where the address in use means nothing elsewhere. */
export function urlForOthers(inUse: string, told: string | null | undefined): string {
  return isThisMachine(inUse) && told ? told : inUse;
}
