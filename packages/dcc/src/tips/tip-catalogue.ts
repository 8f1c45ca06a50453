/**
 * All codes of tips.json that the farm can explain: the files of `areas/`, found by listing, and the tips of the apps'
 * own. Adding an area is adding a file that exports `tips`; no list names it.
 */
import { readdir } from 'node:fs/promises';
import type { AppTip } from '../app.ts';
import { loadApps } from '../app-catalogue.ts';
import type { Tip } from './tip.ts';

const AREAS = new URL('./areas/', import.meta.url);

let loaded: Promise<ReadonlyMap<string, Tip>> | undefined;

/** Every known tip by its code. Loaded once; a code explained twice is a bug and throws. */
export function loadTips(): Promise<ReadonlyMap<string, Tip>> {
  loaded ??= loadAll();
  return loaded;
}

async function loadAll(): Promise<ReadonlyMap<string, Tip>> {
  const byCode = new Map<string, Tip>();
  for (const tip of [...(await areaTips()), ...(await loadApps()).flatMap((app) => app.tips.map(tipOfApp))]) {
    if (byCode.has(tip.code)) throw new Error(`the tip ${tip.code} is explained twice`);
    byCode.set(tip.code, tip);
  }
  return byCode;
}

async function areaTips(): Promise<Tip[]> {
  const files = (await readdir(AREAS)).filter((name) => name.endsWith('.ts')).sort();
  const modules = await Promise.all(
    files.map(async (name) => {
      const module = (await import(new URL(name, AREAS).href)) as { tips?: readonly Tip[] };
      if (module.tips === undefined) throw new Error(`tips/areas/${name} exports no "tips"`);
      return module.tips;
    }),
  );
  return modules.flat();
}

function tipOfApp(own: AppTip): Tip {
  return {
    code: own.code,
    constants: [],
    severity: 'warning',
    isRepairable: own.isRepairable,
    isIntercepted: true,
    en: { description: own.en, solution: own.solution.en },
    zh: { description: own.zh, solution: own.solution.zh },
  };
}
