/** Which nodes a list of names means: node names or ids, with `*` for any letters; letter case does not count. */

export interface NamedNode {
  readonly id: string;
  readonly name: string;
}

/** Whether one of the patterns names the node. */
export function namesNode(patterns: readonly string[], node: NamedNode): boolean {
  const name = node.name.toLowerCase();
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted === node.id || fits(wanted, name);
  });
}

/** Walks from star to star; a regular expression of a stranger's text could take for ever. */
function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return name === first;
  if (!name.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
