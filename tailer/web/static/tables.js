// The tables and the cards below the charts. Text goes in as text: names come from the log.

import {element} from "./charts.js";
import {bytes, clock, cost, count, doing, name, percent, plural, pushing, seconds, sinceWords, title, usd, when, whole} from "./words.js";

const row = (tag, cells) => element("tr", {}, ...cells.map(([text, kind = "", title]) => {
  const cell = element(tag, {class: kind, ...(tag === "th" ? {scope: "col"} : {}), ...(title ? {title} : {})});
  cell.append(text);
  return cell;
}));

function fill(table, head, rows, nothing, foot) {
  const body = rows.length ? rows : [element("tr", {}, element("td", {class: "none", colspan: String(head.length)}, nothing))];
  const parts = [element("thead", {}, row("th", head)), element("tbody", {}, ...body)];
  if (foot) parts.push(element("tfoot", {}, row("td", foot)));
  table.replaceChildren(...parts);
}

export function models(table, period) {
  const head = [["model"], ["provider", "wide"], ["cost", "n"], ["share", "n wide"], ["calls", "n"], ["errors", "n"], ["input", "n wide"], ["output", "n wide"]];
  const cells = (of, first, provider) => [
    [first, "name", first], [provider, "wide soft"], priced(of),
    [of.cost_usd ? percent(of.cost_usd, period.cost_usd) : "–", "n wide soft"], [whole(of.calls), "n"],
    [of.errors ? whole(of.errors) : "–", of.errors ? "n bad" : "n soft"], [count(of.input_tokens), "n wide"], [count(of.output_tokens), "n wide"],
  ];
  const rows = period.models.map((model) => row("td", cells(model, name(model), model.provider)));
  fill(table, head, rows, "No call in this time.", rows.length > 1 ? cells(period, "together", "") : null);
}

function priced(of) {
  if (!of.unpriced_calls) return [cost(of), "n"];
  const told = `${plural(of.unpriced_calls, "call")} without a known price`;
  return [of.cost_usd ? `${usd(of.cost_usd)} +?` : "unknown", "n warn-text", told];
}

export function calls(table, list, at) {
  const head = [["time"], ["model"], ["provider", "wide"], ["operation", "wide"], ["status"], ["cost", "n"], ["took", "n"], ["input", "n"], ["output", "n"], ["request id", "wide"]];
  const rows = [...list].reverse().map((call) => row("td", [
    [call.at ? when(call.at, at) : clock(call.counted_at), "", call.at ? "" : "the line told no time: when it was counted"],
    [call.model ?? "unknown", "name", call.model ?? ""], [call.provider ?? "unknown", "wide soft"], [call.operation, "wide soft"],
    status(call), costOf(call), [seconds(call.duration_seconds), "n"], tokens(call.input_tokens), tokens(call.output_tokens),
    [call.request_id ?? "–", "id wide", call.request_id ?? ""],
  ]));
  fill(table, head, rows, "No call since the start.");
}

function status(call) {
  if (call.error_type) return [call.error_type, "bad"];
  return call.missing ? [`ok, ${call.missing}`, "warn-text", "its tokens are not known"] : ["ok", "soft"];
}

function tokens(value) {
  return value === null ? ["–", "n soft"] : [whole(value), "n"];
}

function costOf(call) {
  if (call.cost_usd !== null) return [usd(call.cost_usd), "n"];
  return call.input_tokens === null && call.output_tokens === null ? ["–", "n soft"] : ["unknown", "n warn-text"];
}

export function consumers(place, {consumers: list, pushes, about, state, at}) {
  const cards = list.map((consumer) => {
    const [kind, does] = doing(consumer);
    const since = consumer.since ? `, ${sinceWords(consumer.since, at)}` : "";
    const done = consumer.name === "meter" ? "last call counted" : "last push taken";
    return card(kind, `${title(consumer)} ${does}${since}`, [
      consumer.lag_bytes ? `${bytes(consumer.lag_bytes)} behind, ${bytes(consumer.position)} done` : `${bytes(consumer.position)} done, nothing behind`,
      `${done}: ${consumer.succeeded_at ? when(consumer.succeeded_at, at) : "none since the start"}`,
    ]);
  });
  for (const push of pushes) {
    const [kind, does] = pushing(push);
    cards.push(card(kind, `${title(push)} ${does}${push.since ? `, ${sinceWords(push.since, at)}` : ""}`, [
      `all numbers taken: ${push.succeeded_at ? when(push.succeeded_at, at) : "not since the start"}`,
    ]));
  }
  if (!about.forwards) cards.push(card("off", "The lines go nowhere", ["To forward the lines: --loki-url URL, --splunk-url or --otlp-logs-url."]));
  const saved = state.saved_at ? `last saved ${when(state.saved_at, at)}` : "never saved yet";
  cards.push(card(state.failing ? "stop" : "", state.failing ? "State cannot be saved" : "State is saved", [state.failing ?? saved, `${state.failing ? `${saved}, ` : ""}in ${about.state_dir}`]));
  place.replaceChildren(...cards);
}

function card(kind, title, lines) {
  return element("div", {class: `consumer ${kind}`}, element("h3", {}, title), ...lines.map((line) => element("p", {}, line)));
}

export function files(table, {files: known, consumers: list, about}) {
  const names = list.map((consumer) => consumer.name);
  const head = [[plural(known.count, "file")], ["size", "n wide"], ...names.map((consumer) => [`${title({name: consumer})} behind`, "n"])];
  const rows = known.shown.map((file) => row("td", [
    [file.path, "path"], [bytes(file.size), "n wide"],
    ...names.map((consumer) => [file.lag_bytes[consumer] ? bytes(file.lag_bytes[consumer]) : "–", file.lag_bytes[consumer] ? "n" : "n soft"]),
  ]));
  if (known.count > known.shown.length) rows.push(row("td", [[`and ${plural(known.count - known.shown.length, "more file")}, none further behind`, "soft"]]));
  fill(table, head, rows, `None at ${about.paths.join(" ")} yet.`);
}
