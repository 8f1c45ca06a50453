/** What a command gets: settings, a printer, the signal of an interruption. Built by `main`, once. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Clock, EXIT, systemClock } from '@croft/contract';
import type { FarmConnection, FarmSession } from '@croft/sdk';
import { type Config, type ConfigSources, readConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { cliErrors } from './errors.ts';
import { NdjsonPrinter } from './printers/ndjson-printer.ts';
import { PlainPrinter } from './printers/plain-printer.ts';
import type { Printer, Sinks } from './printers/printer.ts';
import { TtyPrinter } from './printers/tty-printer.ts';

export interface CommandContext {
  readonly config: Config;
  readonly printer: Printer;
  /** Where secrets are asked for. */
  readonly input: Input;
  readonly clock: Clock;
  /** Aborts with CLI_INTERRUPTED at the first SIGINT or SIGTERM; the second one ends the process. */
  readonly signal: AbortSignal;
  /** Trusts `--ca` beside the system's certificates, in this whole process. Throws CLI_CERTIFICATE_UNREADABLE. */
  trustCertificate(): void;
  /** Address and key of the farm; throws CLI_NO_FARM or CLI_NO_KEY. */
  connection(): FarmConnection;
  /** A session with that farm, for tasks of `platform` where one is given; closed when the command ends; the SDK is loaded only now. */
  session(options?: SessionOptions): Promise<FarmSession>;
  /** Runs `closer` when the command ends, last one first. */
  atEnd(closer: () => Promise<void> | void): void;
  /** Runs all closers. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly platform?: number;
  /** Whether files that look as they did when they were last sent are taken for unchanged; default: no, all are read. */
  readonly isRemembering?: boolean;
}

/** A stream to read from, a terminal or not: stdin. */
export type Input = Readable & { readonly isTTY?: boolean };

export interface ContextParts extends ConfigSources {
  readonly printer: Printer;
  readonly input: Input;
  readonly signal: AbortSignal;
}

/** Throws CLI_SETTINGS_INVALID. */
export function openContext({ flags, env, printer, input, signal }: ContextParts): CommandContext {
  const config = readConfig({ flags, env });
  const connection = () => connectionOf(config);
  const trustCertificate = () => trustFile(config.ca);
  const closers: (() => Promise<void> | void)[] = [];
  return {
    config,
    printer,
    input,
    clock: systemClock,
    signal,
    trustCertificate,
    connection,
    async session({ isRemembering = false, ...options } = {}) {
      const to = connection();
      trustCertificate();
      const { farmSession } = await import('@croft/sdk');
      const session = farmSession(to, {
        signal,
        ...options,
        zeroSpeedMs: config.zeroSpeedMs,
        localDb: isRemembering ? config.localDb : null,
        onLocalDbProblem: (why) => printer.warn(why),
      });
      closers.push(() => session.close());
      return session;
    },
    atEnd: (closer) => void closers.push(closer),
    async close() {
      let first: { thrown: unknown } | null = null;
      for (const closer of closers.splice(0).reverse()) {
        try {
          await closer();
        } catch (thrown) {
          first ??= { thrown };
        }
      }
      if (first) throw first.thrown;
    },
  };
}

function trustFile(file: string | null): void {
  if (file === null) return;
  try {
    const pem = readFileSync(file, 'utf8');
    new X509Certificate(pem);
    setDefaultCACertificates([...getCACertificates('default'), pem]);
  } catch (cause) {
    throw cliErrors.CLI_CERTIFICATE_UNREADABLE(`${file} is no certificate that can be read`, { cause });
  }
}

/** The printer for where the output goes. */
export function printerFor(sinks: Sinks, isJson: boolean, env: Environment): Printer {
  if (isJson) return new NdjsonPrinter(sinks);
  return sinks.err.isTTY
    ? new TtyPrinter(sinks, systemClock, !env.NO_COLOR)
    : new PlainPrinter(sinks, systemClock);
}

/** Ends whatever runs when the user interrupts. */
export function interruption(name: string): Error {
  return cliErrors.CLI_INTERRUPTED(`interrupted by ${name}`);
}

export function isInterruption(thrown: unknown): boolean {
  return thrown instanceof Error && 'exit' in thrown && thrown.exit === EXIT.interrupted;
}

function connectionOf(config: Config): FarmConnection {
  const { url, accessId, accessKey } = config;
  if (url === null) throw cliErrors.CLI_NO_FARM('no farm is known here');
  if (accessId === null || accessKey === null)
    throw cliErrors.CLI_NO_KEY(`there is no access key for ${url}`);
  return { url, accessId, accessKey };
}
