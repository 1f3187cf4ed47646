// Elements, tables and charts. Whatever comes in is text and stays text.

import { element } from '../shared/dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** A number as people write it. */
export const inDigits = (value) => number.format(value);

/** A time in seconds, in the unit that suits it. */
export function inTime(seconds) {
  if (seconds < 0.001) return `${inDigits(seconds * 1e6)} µs`;
  if (seconds < 1) return `${inDigits(seconds * 1e3)} ms`;
  return seconds < 60 ? `${inDigits(seconds)} s` : inLongTime(seconds);
}

/** The same of a time that is long: two units are enough. */
export function inLongTime(seconds) {
  const units = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return '0 s';
  let rest = Math.floor(seconds);
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count && `${count} ${unit}`;
  });
  return parts.filter(Boolean).join(' ');
}

function shape(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Fills a table: rows are lists of words and numbers, the first of each its heading. Rows that are alike are left alone, so
 *  that nobody loses what they selected. */
export function fill(table, rows, heads) {
  const body = table.tBodies[0] ?? table.createTBody();
  if (heads && !table.tHead) {
    table.createTHead().append(element('tr', '', ...heads.map((head, at) => heading('col', at ? 'number' : '', head))));
  }
  rows.forEach((cells, at) => {
    const words = JSON.stringify(cells);
    if (body.rows[at]?.dataset.words === words) return;
    const row = element('tr', '', ...cells.map(cell));
    row.dataset.words = words;
    if (body.rows[at]) body.rows[at].replaceWith(row);
    else body.append(row);
  });
  while (body.rows.length > rows.length) body.deleteRow(-1);
}

function cell(value, at) {
  if (at === 0) return heading('row', '', value);
  if (typeof value === 'number') return element('td', 'number', inDigits(value));
  return element('td', value.class, value.words ?? value);
}

function heading(scope, className, words) {
  return Object.assign(element('th', className, words), { scope });
}

/** A histogram as a table: a step a row, with a bar and the count. Empty steps at both ends are left out. */
export function drawHistogram(table, { up_to: steps, counts }) {
  const most = Math.max(...counts);
  const first = counts.findIndex(Boolean);
  const last = counts.findLastIndex(Boolean);
  const words = JSON.stringify(counts);
  if (table.dataset.words === words) return undefined;
  table.dataset.words = words;
  if (first < 0) return table.replaceChildren(element('tbody', '', element('tr', '', element('td', 'none', 'None yet'))));
  const row = (count, at) => {
    const bar = shape('svg', { 'aria-hidden': 'true' });
    bar.append(shape('rect', { width: `${(100 * count) / most}%`, height: '100%', rx: 3 }));
    const name = at < steps.length ? `up to ${inTime(steps[at])}` : `over ${inTime(steps.at(-1))}`;
    return element('tr', '', heading('row', 'step', name), element('td', 'bar', bar), element('td', 'number', inDigits(count)));
  };
  return table.replaceChildren(element('tbody', '', ...counts.map(row).slice(first, last + 1)));
}

const MARGIN = { top: 8, end: 4, bottom: 22, start: 40 };
// What is shown of the last hour while the house is younger, in minutes.
const SPANS = [5, 15, 30, 60];

/** Lines over the last hour, drawn anew when the numbers or the width are others. */
export class HourChart {
  #box;
  #title;
  #series = [];
  #every = 10;

  /** `title` says what it shows, for those who don't see it. */
  constructor(box, title) {
    this.#box = box;
    this.#title = title;
    new ResizeObserver(() => this.#draw()).observe(box);
  }

  /** `series` are `{ name, values }`, oldest value first, one every so many seconds. */
  show(series, every) {
    this.#series = series;
    this.#every = every;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#box;
    if (!width || !this.#series.length) return;
    const svg = shape('svg', { width, height, role: 'img', 'aria-label': this.#inWords() });
    const top = niceTop(Math.max(...this.#series.flatMap(({ values }) => values), 0));
    const steps = this.#series[0].values.length - 1;
    const span = SPANS.find((minutes) => steps * this.#every <= minutes * 60) ?? SPANS.at(-1);
    const across = (width - MARGIN.start - MARGIN.end) / ((span * 60) / this.#every);
    const down = height - MARGIN.top - MARGIN.bottom;
    const y = (value) => MARGIN.top + down * (1 - value / top);
    for (const part of [0, 0.5, 1]) {
      svg.append(
        shape('line', { class: 'grid', x1: MARGIN.start, x2: width - MARGIN.end, y1: y(part * top), y2: y(part * top) }),
        shape('text', { x: MARGIN.start - 6, y: y(part * top) + 4, 'text-anchor': 'end' }, inDigits(part * top)));
    }
    for (const [part, anchor, words] of [[0, 'start', `${span} min ago`], [1, 'end', 'now']]) {
      svg.append(shape('text', { x: MARGIN.start + part * (width - MARGIN.start - MARGIN.end), y: height - 4, 'text-anchor': anchor }, words));
    }
    this.#series.forEach(({ name, values }, at) => {
      const x = (place) => width - MARGIN.end - (values.length - 1 - place) * across;
      const points = values.map((value, place) => `${x(place).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
      if (!values.length) return;
      if (at === 0) svg.append(shape('polygon', { class: 'area', points: `${x(0).toFixed(1)},${y(0)} ${points} ${x(values.length - 1).toFixed(1)},${y(0)}` }));
      svg.append(shape('polyline', { class: `series ${name}`, points }));
    });
    this.#box.replaceChildren(svg);
  }

  #inWords() {
    const each = this.#series.map(({ name, values }) => `${name} now ${inDigits(values.at(-1) ?? 0)}, at most ${inDigits(Math.max(...values, 0))}`);
    return `${this.#title}: ${each.join('; ')}`;
  }
}

// The next of 1, 2, 5, 10, … so that the scale is easy to read and does not jump about.
function niceTop(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value);
}
