/** A real Chromium: started once for a file, a context of its own (cookies, storage, one page) for each test. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { atEnd } from './cleanup.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const DESKTOP = { width: 1280, height: 900 };
/** Patience on a busy machine. */
const TIMEOUT_MS = 60_000;

/** For a `beforeAll`: the browser ends with the file. */
export async function startChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  atEnd(() => browser.close());
  return browser;
}

export interface Visit {
  context: BrowserContext;
  page: Page;
  /** What the console and scripts complained of, and refusals of the page's policy. */
  complaints: string[];
  /** Addresses beside the farm's that the page asked for. */
  foreign: string[];
}

/** A page as of a new user of the browser; ends with the test. */
export async function visit(browser: Browser, farmUrl: string): Promise<Visit> {
  const context = await browser.newContext({ acceptDownloads: true, viewport: DESKTOP });
  atEnd(() => context.close());
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  context.on('request', (request) => {
    if (!request.url().startsWith(`${farmUrl}/`) && !request.url().startsWith('data:'))
      foreign.push(request.url());
  });
  return { context, page, complaints, foreign };
}
