/** What the farm's end of the link sent, read before its schema has been asked. */

/** The attempt of a message that is an order, whatever else is wrong with it. */
export function orderedAttempt(message: unknown): number | null {
  const { type, order } = (message ?? {}) as { type?: unknown; order?: { attemptId?: unknown } };
  const attemptId = order?.attemptId;
  return type === 'run' && typeof attemptId === 'number' && Number.isSafeInteger(attemptId)
    ? attemptId
    : null;
}

/** What a text says as JSON; null for what is none, which no message of the farm is. */
export function parsed(data: unknown): unknown {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
