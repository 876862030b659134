// The last hour by the minute, drawn in SVG. One figure each: legend, plot, what is under the pointer, a table.

import {minuteOf, zone} from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 148, LEFT = 48, RIGHT = 6, TOP = 8, BOTTOM = 18;
const MINUTES = 60;

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawn(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// `spec`: title, series(hour) as [key, label, colour], value(minute, key) or null, tick, format, stacked, whole (numbers
// only), detail(minute), summary(hour), nothing.
export class Chart {
  constructor(figure, spec) {
    this.spec = spec;
    this.series = [];
    this.minutes = [];
    this.at = this.since = 0;
    this.place = null;
    this.legend = element("div", {class: "legend"});
    this.plot = element("div", {class: "plot", tabindex: "0", role: "group", "aria-label": `${spec.title}: left and right arrow keys read it minute by minute`});
    this.readout = element("p", {class: "readout"});
    this.table = element("table");
    this.details = element("details", {}, element("summary", {}, "as a table"), element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": `${spec.title}, by the minute`}, this.table));
    figure.append(element("h2", {}, spec.title), this.legend, this.plot, this.readout, this.details);
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerdown", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => this.pick(null));
    this.plot.addEventListener("blur", () => this.pick(null));
    this.plot.addEventListener("keydown", (event) => this.key(event));
    this.details.addEventListener("toggle", () => this.tabulate());
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  show(minutes, at, since, hour) {
    [this.at, this.since, this.hour] = [at, since, hour];
    this.first = Math.floor(at / 60) * 60 - 60 * (MINUTES - 1);
    this.minutes = minutes.filter((minute) => minute.start >= this.first);
    this.name(this.spec.series(hour));
    this.draw();
    this.tabulate();
  }

  name(series) {
    const same = JSON.stringify(series) === JSON.stringify(this.series);
    this.series = series;
    if (same) return;
    this.legend.replaceChildren(...series.map(([, label, colour]) => element("span", {}, element("span", {class: `key b-${colour}`}), label)));
  }

  get width() {
    return this.plot.clientWidth - LEFT - RIGHT;
  }

  x(start) {
    return LEFT + (start - this.first) / 60 * this.width / MINUTES;
  }

  draw() {
    if (!this.first || this.width < 20) return;
    const {spec} = this;
    const top = (spec.whole ? wholeNice : nice)(Math.max(0, ...this.minutes.map((minute) => this.highest(minute))));
    const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (top ? value / top : 0));
    const svg = drawn("svg", {role: "img", "aria-label": `${spec.title}. ${spec.summary(this.hour)}`});
    this.frame(svg, y, top);
    if (spec.stacked) this.bars(svg, y);
    else this.curves(svg, y);
    if (this.place !== null) {
      const middle = this.x(this.first + 60 * this.place) + this.width / MINUTES / 2;
      svg.append(drawn("line", {class: "cursor", x1: middle, x2: middle, y1: TOP, y2: HEIGHT - BOTTOM}));
    }
    const nothing = top ? [] : [element("p", {class: "empty"}, this.hour.calls ? spec.nothing : "No call in this time.")];
    this.plot.replaceChildren(svg, ...nothing);
    this.read();
  }

  highest(minute) {
    const values = this.series.map(([key]) => this.spec.value(minute, key) ?? 0);
    return this.spec.stacked ? values.reduce((a, b) => a + b, 0) : Math.max(...values);
  }

  frame(svg, y, top) {
    const before = Math.min(LEFT + this.width, this.x(this.since));
    if (before > LEFT + 1) {
      svg.append(drawn("rect", {class: "before", x: LEFT, y: TOP, width: before - LEFT, height: HEIGHT - TOP - BOTTOM}));
      if (top && before - LEFT > 150) svg.append(drawn("text", {x: LEFT + 8, y: TOP + 16}, `no figures before ${minuteOf(this.since)}`));
    }
    for (const value of top ? [0, top / 2, top] : [0]) {
      svg.append(drawn("line", {class: "grid", x1: LEFT, x2: LEFT + this.width, y1: y(value), y2: y(value)}));
      svg.append(drawn("text", {x: LEFT - 6, y: y(value) + 4, "text-anchor": "end"}, value ? this.spec.tick(value) : "0"));
    }
    for (let start = Math.ceil(this.first / 900) * 900; start < this.at; start += 900) {
      const x = this.x(start);
      if (x - LEFT > 12 && LEFT + this.width - x > 12) svg.append(drawn("text", {x, y: HEIGHT - 4, "text-anchor": "middle"}, minuteOf(start)));
    }
  }

  bars(svg, y) {
    const step = this.width / MINUTES, gap = step > 6 ? 1.5 : 0.75;
    for (const minute of this.minutes) {
      let below = 0;
      for (const [key, , colour] of this.series) {
        const value = this.spec.value(minute, key) ?? 0;
        if (!value) continue;
        const high = Math.max(1, y(below) - y(below + value));
        svg.append(drawn("rect", {class: `f-${colour}`, x: this.x(minute.start) + gap / 2, y: y(below) - high, width: step - gap, height: high}));
        below += value;
      }
    }
  }

  curves(svg, y) {
    const half = this.width / MINUTES / 2;
    for (const [key, , colour] of this.series) {
      let path = "", last = null;
      for (const minute of this.minutes) {
        const value = this.spec.value(minute, key);
        if (value === null) continue;
        const [x, high] = [this.x(minute.start) + half, y(value)];
        path += `${last === minute.start - 60 ? "L" : "M"}${x.toFixed(1)} ${high.toFixed(1)}`;
        svg.append(drawn("circle", {class: `f-${colour}`, cx: x, cy: high, r: 2.2}));
        last = minute.start;
      }
      svg.append(drawn("path", {class: `curve s-${colour}`, d: path}));
    }
  }

  point(event) {
    const place = Math.floor((event.clientX - this.plot.getBoundingClientRect().left - LEFT) / this.width * MINUTES);
    this.pick(place >= 0 && place < MINUTES ? place : null);
  }

  key(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step) return;
    event.preventDefault();
    this.readout.setAttribute("aria-live", "polite");
    this.pick(Math.min(MINUTES - 1, Math.max(0, (this.place ?? MINUTES) + step)));
  }

  pick(place) {
    if (place === this.place) return;
    this.place = place;
    this.draw();
  }

  read() {
    if (this.place === null) {
      this.readout.textContent = this.spec.summary(this.hour);
      return;
    }
    const start = this.first + 60 * this.place;
    const minute = this.minutes.find((known) => known.start === start);
    const told = minute ? this.words(minute) : start + 60 <= this.since ? "not running yet" : "nothing";
    this.readout.textContent = `${minuteOf(start)}  ${told}`;
  }

  words(minute) {
    const {value, format, detail} = this.spec;
    if (detail) return detail(minute);
    const known = this.series.filter(([key]) => value(minute, key));
    return known.length ? known.map(([key, label]) => `${label} ${format(value(minute, key))}`).join(" · ") : "nothing";
  }

  tabulate() {
    if (!this.details.open) return;
    const {series, spec: {value, format}} = this;
    const head = element("tr", {}, element("th", {scope: "col"}, `minute (${zone})`), ...series.map(([, label]) => element("th", {class: "n", scope: "col"}, label)));
    const rows = [...this.minutes].reverse().map((minute) => element("tr", {}, element("td", {}, minuteOf(minute.start)),
      ...series.map(([key]) => element("td", {class: "n"}, value(minute, key) === null ? "–" : format(value(minute, key))))));
    this.table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  }
}

function nice(value) {
  if (!value) return 0;
  const size = 10 ** Math.floor(Math.log10(value));
  return size * [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((step) => step * size >= value * 0.999);
}

// Half of it is a whole number too.
function wholeNice(value) {
  return value <= 10 ? 2 * Math.ceil(value / 2) : nice(value);
}
