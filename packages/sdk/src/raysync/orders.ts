/**
 * The bodies that rayvision_sync posts to the raysync service. Python writes storage ids as numbers of 18 digits, and a
 * JavaScript number would change them; so bodies are read with the text of their numbers kept.
 */
import { MiB, parseRawJson, type RawJson } from '@croft/contract';
import * as z from 'zod';
import { type FarmHost, readFarmHost } from '../transmitter/farm-host.ts';
import { raysyncFailure } from './failures.ts';

export const MOST_BODY_BYTES = MiB;
const MOST_KBPS = 1_048_576;
const MOST_SLOTS = 10;

const path = z.string().min(1).max(32_768);
/** A whole number as its text. */
const digits = z.string().regex(/^-?\d{1,20}$/);
const whole = digits.transform(Number);
const taskId = z.string().min(1).max(100);

const createBody = z.object({
  'server-ip': z.string().transform((text, checks) => {
    const host = readFarmHost(text);
    if (host !== null) return host;
    checks.addIssue({ code: 'custom', message: 'no host' });
    return z.NEVER;
  }),
  'proxy-port': whole.pipe(z.int().min(1).max(65_535)),
  /** The storage id; that of the input storage where configuration is uploaded, so the path counts. */
  'server-port': digits,
  account: z.string().max(200),
  password: z.string().max(1000),
  'enable-verify-hash': z.boolean().default(false),
});

const moves = z.discriminatedUnion('task-type', [
  z.object({ 'task-type': z.literal('upload'), 'source-path': path, 'target-path': path }),
  z.object({ 'task-type': z.literal('upload-list'), 'file-list': path }),
  z.object({ 'task-type': z.literal('download'), 'source-path': path, 'target-path': path }),
]);

/** What one task is to move, and for whom. */
export type TransferOrder = {
  readonly host: FarmHost;
  readonly port: number;
  readonly accountName: string;
  readonly accountKey: string;
  readonly isVerifying: boolean;
} & (
  | { readonly type: 'upload'; readonly local: string; readonly remote: string }
  | { readonly type: 'upload-list'; readonly list: string }
  | { readonly type: 'download'; readonly remote: string; readonly local: string }
);

/** The service refuses what is not as the SDK writes it: a plain sentence and code 400. */
export function readBody(bytes: Uint8Array): unknown {
  try {
    return plain(parseRawJson(bytes, { maxDepth: 4, maxValues: 1000 }));
  } catch (cause) {
    throw raysyncFailure(400, 'the body is not JSON', cause);
  }
}

export function transferOrder(body: unknown): TransferOrder {
  const facts = checked(createBody, body);
  const move = checked(moves, body);
  const common = {
    host: facts['server-ip'],
    port: facts['proxy-port'],
    accountName: facts.account,
    // The SDK appends the platform and a constant.
    accountKey: facts.password.split('&1&')[0]!,
    isVerifying: facts['enable-verify-hash'],
  };
  switch (move['task-type']) {
    case 'upload':
      return { ...common, type: 'upload', local: move['source-path'], remote: move['target-path'] };
    case 'upload-list':
      return { ...common, type: 'upload-list', list: move['file-list'] };
    case 'download':
      return { ...common, type: 'download', remote: move['source-path'], local: move['target-path'] };
  }
}

/** KB/s each way; null for no limit. */
export interface SpeedLimits {
  readonly upload: number | null;
  readonly download: number | null;
}

export function speedLimits(body: unknown): SpeedLimits {
  const limit = whole.transform((kbps) => (kbps <= 0 || kbps >= MOST_KBPS ? null : kbps));
  const facts = checked(z.object({ 'max-upload-speed': limit, 'max-download-speed': limit }), body);
  return { upload: facts['max-upload-speed'], download: facts['max-download-speed'] };
}

/** Tasks of a kind that run at once. */
export interface TaskLimits {
  readonly upload: number;
  readonly download: number;
}

export function taskLimits(body: unknown): TaskLimits {
  const slots = whole.pipe(z.int().min(1).max(MOST_SLOTS));
  return checked(z.object({ upload: slots, download: slots }), body);
}

export function wantsProxy(body: unknown): boolean {
  return checked(z.object({ 'enable-proxy-manager': z.boolean() }), body)['enable-proxy-manager'];
}

export function namedTask(body: unknown): string {
  return checked(z.object({ 'task-id': taskId }), body)['task-id'];
}

export interface FileListQuestion {
  readonly taskId: string;
  readonly type: 'start' | 'error';
  readonly skip: number;
  readonly take: number;
}

export function fileListQuestion(body: unknown): FileListQuestion {
  const facts = checked(
    z.object({
      'task-id': taskId,
      'list-type': z.enum(['start', 'error']),
      'page-size': whole.pipe(z.int().min(1).max(1000)).default(10),
      'page-number': whole.pipe(z.int().min(1).max(1_000_000)).default(1),
    }),
    body,
  );
  const take = facts['page-size'];
  return {
    taskId: facts['task-id'],
    type: facts['list-type'],
    skip: (facts['page-number'] - 1) * take,
    take,
  };
}

/** Numbers become their text. */
function plain(value: RawJson): unknown {
  switch (value.kind) {
    case 'object':
      return Object.fromEntries([...value.members].map(([key, member]) => [key, plain(member)]));
    case 'array':
      return value.items.map(plain);
    case 'string':
      return value.text;
    case 'number':
      return value.lexeme;
    case 'boolean':
      return value.value;
    case 'null':
      return null;
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw raysyncFailure(400, z.prettifyError(result.error).replaceAll('\n', ' '));
}
