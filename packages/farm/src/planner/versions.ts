/**
 * Which installed version renders a task. All frames of a task get one version, frozen at its first booking, since two
 * versions give two pictures. It is the newest installed one with the task's major.minor; where no online node has
 * that, the nearest newer one; never an older one, which may not open the scene.
 */
export function chooseVersion(wanted: string, installed: Iterable<string>): string | null {
  const all = [...new Set(installed)].sort(compareVersions);
  const same = all.filter((version) => series(version) === series(wanted));
  return same.at(-1) ?? all.find((version) => compareVersions(version, wanted) > 0) ?? null;
}

/** Major and minor: "3.4" of "3.4.1". */
export function series(version: string): string {
  return numbersOf(version).slice(0, 2).join('.');
}

export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
