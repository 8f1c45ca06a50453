/**
 * Which texts a client may have been configured with as its domain, given what arrived. HTTP libraries lower-case the
 * host and drop a default port, proxies replace it, and a path prefix is never part of `Host`; the signature holds the
 * text as the caller wrote it. Signing the wrong candidate is harmless: each is only a guess that an HMAC confirms.
 */

export interface HostFacts {
  /** The `Host` header as received. */
  readonly host: string | undefined;
  /** `X-Forwarded-Host`; pass it only where the peer is a trusted proxy. */
  readonly forwardedHost?: string | undefined;
  /** Names the operator configured, in the spelling users are told. */
  readonly publicHosts?: readonly string[];
  readonly listenPort: number;
  /** Whether the request came by HTTPS: decides which default port is tried first. */
  readonly secure: boolean;
  /** Path prefixes under which a proxy may show the farm, beside those of `publicHosts`, e.g. `/farm`. */
  readonly prefixes?: readonly string[];
}

const MAX_CANDIDATES = 64;
const LONGEST_HOST = 300;

/** Distinct candidates, the likeliest first, at most 64. */
export function hostCandidates(facts: HostFacts): string[] {
  const received = [facts.host, facts.forwardedHost?.split(',')[0]?.trim()].filter(isUsable);
  const defaultPorts = facts.secure ? [443, 80] : [80, 443];
  const bare = received.map(withoutPort);
  const ported = [facts.listenPort, ...defaultPorts].flatMap((port) =>
    received.filter((host) => host === withoutPort(host)).map((host) => `${host}:${port}`),
  );
  const named = (facts.publicHosts ?? []).filter(isUsable);
  // Native signatures hold no prefix.
  const hosts = unique([...received, ...named, ...named.map(withoutPrefix), ...bare, ...ported]);
  const prefixes = unique([...(facts.prefixes ?? []).map(withLeadingSlash), ...named.flatMap(prefixOf)]);
  const prefixed = prefixes.flatMap((prefix) =>
    hosts.filter((host) => !host.includes('/')).map((host) => host + prefix),
  );
  return unique([...hosts, ...prefixed]).slice(0, MAX_CANDIDATES);
}

function isUsable(host: string | undefined): host is string {
  return host !== undefined && host !== '' && host.length <= LONGEST_HOST;
}

/** `a:80` → `a`, `[::1]:80` → `[::1]`; a host without port stays. */
function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, '');
}

/** `farm/croft` → `farm`. */
function withoutPrefix(host: string): string {
  return host.split('/')[0]!;
}

function prefixOf(host: string): string[] {
  const slash = host.indexOf('/');
  return slash < 0 ? [] : [host.slice(slash)];
}

function withLeadingSlash(prefix: string): string {
  return prefix.startsWith('/') ? prefix : `/${prefix}`;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
