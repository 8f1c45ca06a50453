/** The catalogue of analysis codes: every known one has texts in both languages, in words that are not copied about. */
import { describe, expect, it } from 'vitest';
import { loadApps } from '../app-catalogue.ts';
import { loadTips } from './tip-catalogue.ts';

/** From–to ranges of every code that the documents and the analysers' programs name. */
const KNOWN: readonly (readonly [from: number, to?: number])[] = [
  [999],
  [10010, 10028],
  [10030],
  [10032, 10033],
  [10035],
  [15000],
  [15002],
  [15004, 15006],
  [15009, 15013],
  [15015, 15024],
  [15028, 15033],
  [18003, 18008],
  [18011, 18024],
  [18026],
  [20001],
  [20012],
  [25009],
  [35001],
  [46000, 46003],
  [50001, 50003],
  [50007, 50008],
  [50010, 50014],
  [50016],
  [50104, 50108],
  [50110],
  [70000],
  [70003, 70004],
];
const known = KNOWN.flatMap(([from, to = from]) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index)),
);
const catalogue = await loadTips();
const own = (await loadApps()).flatMap((app) => app.tips);

describe('the catalogue of analysis codes', () => {
  it.each([...known, ...own.map((tip) => tip.code), 'tips_code todo', 'ANALYSE_FAIL', 'CONTAIN_CHINESE'])(
    'explains %s in both languages',
    (code) => {
      const tip = catalogue.get(code);
      expect(tip).toBeDefined();
      for (const text of [tip!.en, tip!.zh]) {
        expect(text.description.length).toBeGreaterThan(4);
        expect(text.solution.length).toBeGreaterThan(8);
        expect(text.solution).not.toBe(text.description);
      }
      expect(tip!.en.description + tip!.en.solution).toMatch(/^[\x20-\x7e]+$/);
      expect(tip!.zh.description).toMatch(/\p{Script=Han}/u);
      expect(tip!.zh.solution).toMatch(/\p{Script=Han}/u);
    },
  );

  it('explains nothing else', () => {
    const listed = new Set([...known, ...own.map((tip) => tip.code)]);
    expect([...catalogue.keys()].filter((code) => /^\d+$/.test(code) && !listed.has(code))).toEqual([]);
  });

  it("keeps apps' own codes from 60000 on, and warnings only", () => {
    for (const { code } of own) {
      expect(Number(code)).toBeGreaterThanOrEqual(60_000);
      expect(catalogue.get(code)!.severity).toBe('warning');
    }
  });

  it('reads severity, repair and interception as the documents have them, where they do', () => {
    expect(catalogue.get('15000')).toMatchObject({
      severity: 'error',
      isRepairable: false,
      isIntercepted: true,
    });
    expect(catalogue.get('10012')).toMatchObject({
      severity: 'warning',
      constants: ['MISSING_FILE', 'HDRI_MISSING'],
      isRepairable: true,
    });
    for (const tip of catalogue.values()) if (tip.severity === 'error') expect(tip.isIntercepted).toBe(true);
  });
});
