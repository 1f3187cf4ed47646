// What holds for every page in every state: axe finds nothing, and nothing is wider than the screen.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { assertNone } from './tab.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** A small phone, and a window of 1280 by 1024 at 400 %. */
export const SMALL = [[320, 640], [320, 256]];

/** The pages allow no code but their own. The browser's debugger may. */
async function bringAxe(page) {
  if (await page.evaluate(() => 'axe' in globalThis)) return;
  const debugging = await page.context().newCDPSession(page);
  await debugging.send('Runtime.evaluate', { expression: AXE });
  await debugging.detach();
}

/** axe-core finds nothing to complain of, in light and in dark. */
export async function assertAccessible(page, what) {
  await bringAxe(page);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found = await page.evaluate(async (values) => {
      const { violations } = await globalThis.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
      const inWords = ({ id, help }, { html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`;
      return violations.flatMap((violation) => violation.nodes.map((node) => inWords(violation, node)));
    }, TAGS);
    // One of each kind tells enough.
    assertNone(found.slice(0, 20), `${what}, ${colorScheme}: ${found.length} complaints`);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** Nothing is wider than a window of this size, whichever side lines begin on, and every control can be brought into it. */
export async function assertFits(page, width, height, what = 'the page') {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height });
  for (const dir of ['ltr', 'rtl']) {
    await page.evaluate((to) => { document.documentElement.dir = to; }, dir);
    assertNone(await page.evaluate(tooWide), `${what} at ${width} by ${height}, ${dir}`);
  }
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  await page.setViewportSize(before);
}

/** As `assertFits`, in all sizes that count. */
export async function assertFitsEverywhere(page, what) {
  for (const [width, height] of SMALL) await assertFits(page, width, height, what);
}

// Runs in the page.
function tooWide() {
  const root = document.scrollingElement;
  const name = ({ tagName, id, className, textContent }) => `${tagName} ${id} ${className} "${textContent.trim().slice(0, 40)}"`;
  const complaints = root.scrollWidth > root.clientWidth ? [`it can be scrolled sideways: ${root.scrollWidth}`] : [];
  for (const element of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    const scrolls = /auto|scroll/.test(style.overflowX) && !element.matches('pre, input, textarea');
    if (scrolls && element.scrollWidth > element.clientWidth) complaints.push(`${name(element)} can be scrolled sideways`);
    if (!element.matches('a, button, input, textarea, select, summary, [tabindex]') || !element.checkVisibility()) continue;
    element.scrollIntoView({ block: 'center' });
    const box = element.getBoundingClientRect();
    const isOut = box.left < -0.5 || box.right > innerWidth + 0.5 || box.bottom < 1 || box.top > innerHeight - 1;
    if (isOut) complaints.push(`${name(element)} cannot be reached: ${box.left} to ${box.right}, ${box.top} to ${box.bottom}`);
  }
  return complaints;
}
