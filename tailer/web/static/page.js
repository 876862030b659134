// Listens to /events, keeps what it was told, and shows it.

import {Chart, element} from "./charts.js";
import * as tables from "./tables.js";
import {KINDS, clock, cost, count, countTick, lostWords, minuteOf, notices, percent, plural, seconds, secondsTick, sinceWords, usd, usdTick, when, whole, zone} from "./words.js";

const SILENT_SECONDS = 15, HIDDEN_SECONDS = 60, LONGEST_WAIT_SECONDS = 15, KEPT_CALLS = 50;
const by = (id) => document.getElementById(id);

let told = null;
let period = "today";
let shownNotices = "";

const charts = [
  new Chart(by("chart-spend"), {
    title: "Spend per minute", series: () => [["spend", "USD, as the log tells it or by list price", "spend"]], stacked: true, tick: usdTick, format: usd,
    value: (minute) => minute.cost_usd, nothing: "Nothing spent in this time.",
    detail: (minute) => `${cost(minute)} · ${plural(minute.calls, "call")}${minute.unpriced_calls ? `, ${minute.unpriced_calls} without a known price` : ""}`,
    summary: (hour) => `Last hour: ${cost(hour)}${unpricedWords(hour)}`,
  }),
  new Chart(by("chart-tokens"), {
    title: "Tokens per minute", series: () => KINDS, stacked: true, tick: countTick, format: whole,
    value: (minute, key) => minute.tokens[key], nothing: "No tokens in this time.",
    summary: (hour) => KINDS.filter(([key]) => hour.tokens[key]).map(([key, label]) => `${label} ${count(hour.tokens[key])}`).join(" · ") || "Last hour: none",
  }),
  new Chart(by("chart-latency"), {
    title: "Latency of calls that succeeded", series: () => ["p50", "p95", "p99"].map((share) => [share, share, share]), stacked: false, tick: secondsTick, format: seconds,
    value: (minute, key) => minute.latency ? minute.latency[["p50", "p95", "p99"].indexOf(key)] : null,
    nothing: "No line told how long a call took.",
    summary: (hour) => hour.latency ? `Last hour: p50 ${seconds(hour.latency[0])} · p95 ${seconds(hour.latency[1])} · p99 ${seconds(hour.latency[2])}` : "Last hour: not known",
  }),
  new Chart(by("chart-errors"), {
    title: "Errors per minute, by type", series: (hour) => errorSeries(hour), stacked: true, whole: true, tick: countTick, format: whole,
    value: errorsOf, nothing: "No errors in this time.",
    detail: (minute) => minute.errors ? types(minute) : "none",
    summary: (hour) => hour.errors ? `Last hour: ${types(hour)}` : "Last hour: none",
  }),
];

// A type keeps its colour for as long as the page is open; those that come after the first four share the last one.
const coloured = [];

function errorSeries(hour) {
  for (const type of Object.keys(hour.errors_by_type)) {
    if (!coloured.includes(type) && coloured.length < 4) coloured.push(type);
  }
  const present = Object.keys(hour.errors_by_type);
  const own = coloured.map((type, place) => [type, type, `e${place}`]).filter(([type]) => present.includes(type));
  return present.length > own.length ? [...own, ["", "other types", "e4"]] : own;
}

function errorsOf(minute, type) {
  if (type) return minute.errors_by_type[type] ?? 0;
  return Object.entries(minute.errors_by_type).reduce((sum, [other, errors]) => sum + (coloured.includes(other) ? 0 : errors), 0);
}

function types(sums) {
  return Object.entries(sums.errors_by_type).map(([type, errors]) => `${type} ${whole(errors)}`).join(" · ");
}

function unpricedWords(sums) {
  return sums.unpriced_calls ? `, and ${plural(sums.unpriced_calls, "call")} without a known price` : "";
}

function show() {
  if (!told) return;
  const {at, hour, about, minutes} = told;
  tiles();
  for (const chart of charts) chart.show(minutes, at, about.since, hour);
  showModels();
  tables.calls(by("calls"), told.calls, at);
  tables.consumers(by("consumers"), told);
  tables.files(by("files"), told);
  showNotices();
  by("about").textContent = `tokentail ${about.version} · prices of ${about.prices_of} · counting ${sinceWords(about.since, at)} (start) · times in ${zone}`;
  by("main").setAttribute("aria-busy", "false");
}

function tiles() {
  const {at, hour, today, about, minutes, state} = told;
  const start = Math.max(about.since, Math.floor(at / 60) * 60 - 240);
  const recent = {cost_usd: 0, unpriced_calls: 0, calls: 0, input_tokens: 0, output_tokens: 0};
  for (const minute of minutes.filter((known) => known.start > at - 300)) {
    for (const key of Object.keys(recent)) recent[key] += minute[key];
  }
  const enough = at - start >= 60 && recent.cost_usd;
  tile("pace", recent.calls ? cost(recent) : "–", recent.calls
    ? `${sinceWords(start, at)}${enough ? ` · ${usd(recent.cost_usd * 3600 / (at - start))} an hour` : ""}` : `no call ${sinceWords(start, at)}`);
  const midnight = today.since % 86400 === 0;
  tile("today", today.calls ? cost(today) : "–",
    `${midnight ? "since 00:00 UTC" : `${sinceWords(today.since, at)} (start)`}${today.unpriced_calls ? ` · ${plural(today.unpriced_calls, "call")} unpriced` : ""}`);
  tile("requests", count(hour.calls), hour.errors ? element("span", {class: "bad"}, `${plural(hour.errors, "error")}, ${percent(hour.errors, hour.calls)}`) : hour.calls ? "no errors" : "no call");
  tile("tokens", count(hour.input_tokens + hour.output_tokens), `${count(hour.input_tokens)} in · ${count(hour.output_tokens)} out`);
  tile("latency", hour.latency ? seconds(hour.latency[1]) : "–", hour.latency ? `p50\u00a0${seconds(hour.latency[0])} · p99\u00a0${seconds(hour.latency[2])}` : hour.calls ? "no line told a duration" : "no call");
  document.title = `${today.calls ? `${cost(today)} today` : "tokentail"}${state.failing ? " ⚠" : ""} · tokentail`;
}

function tile(id, big, sub) {
  by(id).textContent = big;
  by(`${id}-sub`).replaceChildren(sub);
}

function showModels() {
  const {at, about} = told;
  const sums = told[period];
  const notes = {
    hour: `${sinceWords(Math.max(about.since, at - 3600), at)}, by when it was counted.`,
    today: told.today.since % 86400 === 0 ? `Of the day in UTC (since ${minuteOf(told.today.since)} in ${zone}), as providers bill it.`
      : `${sinceWords(told.today.since, at)}, when this process started. Days are those of UTC, as providers bill them.`,
    ever: "All that was ever counted with this state directory, as /metrics has it.",
  };
  const missing = Object.values(sums.missing).reduce((a, b) => a + b, 0);
  by("models-note").textContent = `${notes[period].replace(/^s/, "S")}${missing ? ` The tokens of ${plural(missing, "call")} are not known.` : ""}`;
  tables.models(by("models"), sums);
  for (const button of by("periods").children) button.setAttribute("aria-pressed", String(button.dataset.period === period));
}

function showNotices() {
  const found = notices(told);
  const text = JSON.stringify(found);
  if (text === shownNotices) return;
  shownNotices = text;
  by("notices").replaceChildren(...found.map((notice) => {
    const parts = notice.text.split("`").map((part, place) => place % 2 ? element("code", {class: part.length < 34 ? "short" : ""}, part) : part);
    return element("div", {class: `notice ${notice.level}`}, element("strong", {}, notice.title), ...parts);
  }));
}

function byTime(a, b) {
  return a.counted_at - b.counted_at || (a.at ?? 0) - (b.at ?? 0) || a.serial - b.serial;
}

function take(kind, news) {
  if (kind === "whole") {
    told = news;
  } else if (told) {
    const {minutes = [], calls = [], ...sections} = news;
    Object.assign(told, sections);
    const starts = new Set(minutes.map((minute) => minute.start));
    told.minutes = [...told.minutes.filter((minute) => !starts.has(minute.start)), ...minutes].slice(-60);
    told.calls = [...told.calls, ...calls].sort(byTime).slice(-KEPT_CALLS);
  }
  show();
}

// The stream of events

let asked = null;
let lostAt = null;
let wait = 1;

class Refused extends Error {}

function say(kind, text) {
  by("link").className = `link ${kind}`;
  by("link-text").textContent = text;
  document.body.classList.toggle("stale", kind === "lost");
}

function sayLost(reason) {
  const title = told ? `No connection since ${clock(lostAt)}: ${reason}` : `No connection: ${reason}`;
  const rest = told ? ` What stands below is as of ${clock(lostAt)}.` : "";
  by("lost").replaceChildren(element("div", {class: "notice bad"}, element("strong", {}, title), lostWords(reason) + rest));
}

async function listen() {
  asked = new AbortController();
  let watching = 0;
  const alive = () => {
    clearTimeout(watching);
    watching = setTimeout(() => asked.abort(new Refused("it has fallen silent")), SILENT_SECONDS * 1000);
  };
  try {
    alive();
    const answer = await fetch("/events", {signal: asked.signal, cache: "no-store", headers: {Accept: "text/event-stream"}});
    if (!answer.ok) throw new Refused((await answer.text()).trim() || `status ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = "";;) {
      const {value, done} = await reader.read();
      if (done) return "the connection ended";
      alive();
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const [, kind, data] = event.match(/^event: (\w+)\ndata: (.*)$/s) ?? [];
        if (kind === "again") return null;
        if (kind === "bye") return "tokentail has stopped";
        if (kind) heard(kind, JSON.parse(data));
      }
    }
  } catch (error) {
    const reason = asked.signal.aborted ? asked.signal.reason : error;
    return reason instanceof Refused ? reason.message : "tokentail cannot be reached";
  } finally {
    clearTimeout(watching);
  }
}

function heard(kind, news) {
  if (lostAt !== null) by("lost").replaceChildren();
  lostAt = null;
  wait = 1;
  take(kind, news);
  say("live", told.state.failing ? `live, figures as of ${when(told.state.saved_at, told.at)}` : `live · ${clock(told.at)}`);
}

async function go() {
  for (;;) {
    await visible();
    const reason = await listen();
    if (reason === null || document.hidden) continue;
    lostAt ??= told ? told.at : Date.now() / 1000;
    sayLost(reason);
    for (let left = wait; left > 0; left -= 1) {
      say("lost", `trying again in ${left}\u00a0s`);
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
    wait = Math.min(2 * wait, LONGEST_WAIT_SECONDS);
  }
}

function visible() {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener("visibilitychange", () => resolve(), {once: true});
  });
}

let hiding = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(() => asked?.abort(new Refused("paused")), HIDDEN_SECONDS * 1000);
});
by("periods").addEventListener("click", (event) => {
  if (!event.target.dataset.period) return;
  period = event.target.dataset.period;
  if (told) showModels();
});
go();
