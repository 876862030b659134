// Numbers, times and troubles in words. Touches no document.

const grouped = new Intl.NumberFormat("en-US");
const hm = new Intl.DateTimeFormat("en-GB", {hour: "2-digit", minute: "2-digit"});
const hms = new Intl.DateTimeFormat("en-GB", {hour: "2-digit", minute: "2-digit", second: "2-digit"});
const dated = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short", hour: "2-digit", minute: "2-digit"});

const THIN = "\u00a0"; // a number and its unit stay on one line

export const KINDS = [
  ["input", "input", "input"], ["cached_input", "cached input", "cached_input"], ["cache_write", "cache write", "cache_write"],
  ["output", "output", "output"], ["reasoning", "reasoning", "reasoning"],
];
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "your time zone";

export function count(value) {
  for (const [size, unit] of [[1e9, "B"], [1e6, "M"], [1e4, "k"]]) {
    if (value >= size) return `${trimmed(value / (unit === "k" ? 1e3 : size))}${THIN}${unit}`;
  }
  return grouped.format(Math.round(value));
}

export function whole(value) {
  return grouped.format(value);
}

export function usd(value) {
  if (!value) return "$0.00";
  if (value >= 1e5) return `$${count(value)}`;
  if (value >= 1) return `$${value.toLocaleString("en-US", {minimumFractionDigits: 2, maximumFractionDigits: 2})}`;
  if (value >= 0.0001) return `$${value.toFixed(4)}`;
  return value >= 1e-7 ? `$${value.toFixed(7)}` : "< $0.0000001";
}

// A round number on an axis.
export function usdTick(value) {
  if (value >= 1000) return `$${count(value)}`;
  const digits = value >= 1 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(value)));
  return `$${value.toFixed(value >= 10 ? 0 : digits)}`;
}

export function countTick(value) {
  return count(value).replace(/\.0+(?=\D|$)/, "");
}

export function secondsTick(value) {
  return value < 1 ? `${Math.round(value * 1000)}${THIN}ms` : `${Number(value.toFixed(2))}${THIN}s`;
}

// What is not known is never $0.
export function cost(sums) {
  if (sums.cost_usd) return usd(sums.cost_usd);
  if (sums.unpriced_calls) return "unknown";
  return sums.input_tokens || sums.output_tokens ? usd(0) : "–";
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 0.9995) return `${Math.round(value * 1000)}${THIN}ms`;
  if (value < 99.95) return `${value.toFixed(value < 9.995 ? 2 : 1)}${THIN}s`;
  const rounded = Math.round(value);
  return `${Math.floor(rounded / 60)}${THIN}min ${rounded % 60}${THIN}s`;
}

export function bytes(value) {
  for (const [size, unit] of [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]]) {
    if (value >= size) return `${trimmed(value / size)}${THIN}${unit}`;
  }
  return plural(value, "byte");
}

export function percent(part, all) {
  const share = 100 * part / all;
  return share > 0 && share < 0.1 ? `<${THIN}0.1${THIN}%` : `${share.toFixed(share < 10 ? 1 : 0)}${THIN}%`;
}

export function plural(number, word) {
  return `${whole(number)} ${word}${number === 1 ? "" : "s"}`;
}

export function minuteOf(at) {
  return hm.format(at * 1000);
}

export function clock(at) {
  return hms.format(at * 1000);
}

// With the day, where it is not the day of `now`.
export function when(at, now) {
  const [then, today] = [new Date(at * 1000), new Date(now * 1000)];
  return then.toDateString() === today.toDateString() ? clock(at) : dated.format(then);
}

export function sinceWords(at, now) {
  return `since ${when(at, now).replace(/^(\d\d:\d\d):\d\d$/, "$1")}`;
}

export function name(model) {
  if (!model.provider && !model.model) return "all other models";
  return model.model;
}

function trimmed(value) {
  return value >= 100 ? grouped.format(Math.round(value)) : value.toFixed(value < 10 ? 2 : 1);
}

const TITLES = {
  meter: "Meter", loki: "Loki", splunk: "Splunk", otlp_logs: "OTLP logs", otlp_metrics: "OTLP metrics", remote_write: "Remote write",
};
const WAITING = {
  connection: ["cannot be reached", "Check FLAG, and that it runs there and its port is open from here."],
  tls: ["is refused: its certificate, or ours, is not good", "Check SECTION.ca_file, SECTION.cert_file and the host's name in FLAG."],
  timeout: ["does not answer in time", "Look at its load; SECTION.timeout_seconds can be raised."],
  rate_limited: ["takes no more for the moment", "Raise its limits, or send less."],
  server_error: ["answers with an error of its own", "Look at its own log."],
  unauthorized: ["does not accept our credentials", "Check the credentials in the section SECTION."],
  not_found: ["is not at this address", "Check the path of FLAG."],
  redirect: ["sends us elsewhere, and we do not follow", "Give the address it redirects to as FLAG."],
  disallowed: ["does not take what we send", "Check its settings for this token or tenant, and the section SECTION."],
  unexpected_status: ["answers in a way that is not known", "Check FLAG and what stands between."],
  unexpected_answer: ["is something else: what answers does not speak its language", "Check FLAG: a proxy or a login page answers there."],
  unacknowledged: ["has taken lines but does not say that it has kept them", "Look at the indexers behind it. The lines are sent again."],
  credentials: ["cannot be asked: a file with credentials cannot be read", "Check the files named in the section SECTION."],
  checkpoint: ["waits for the state to be saved", "See the notice about the state directory."],
};
const OF_LOKI = {
  rate_limited: ["takes no more for the moment", "Raise ingestion_rate_mb of this tenant in Loki, or send less."],
  server_error: ["answers with an error of its own", "Look at Loki's log: distributors and ingesters."],
  unauthorized: ["does not accept our credentials", "Check loki.username, loki.password_file or loki.bearer_token_file, and --loki-tenant."],
  not_found: ["is not at this address", "Check the path of --loki-url: it ends in /loki/api/v1/push, or leave the path out."],
  not_loki: ["is something else: what answers is not Loki", "Check --loki-url: a proxy or a login page answers there."],
  disallowed: ["does not take logs of this tenant", "Check --loki-tenant and the limits of this tenant in Loki."],
};
const OF_OTLP = {
  connection: [WAITING.connection[0], `${WAITING.connection[1]} OTLP over HTTP is port 4318 as a rule; 4317 is gRPC's.`],
};
const OWN = {loki: OF_LOKI, otlp_logs: OF_OTLP, otlp_metrics: OF_OTLP};
const METER = {
  no_file: "waits for a file",
  caught_up: "has counted everything",
  reading: "is reading",
  unfinished_line: "waits for the end of a line",
};

export function title(consumer) {
  return TITLES[consumer.name] || consumer.name;
}

// Why a way out waits and what to do: [in words, what to look at]; undefined while it does not.
function waiting(consumer) {
  const known = OWN[consumer.name]?.[consumer.does] || WAITING[consumer.does];
  const flag = `--${consumer.name.replaceAll("_", "-")}-url`;
  return known && [known[0], known[1].replaceAll("FLAG", flag).replaceAll("SECTION", consumer.name)];
}

// What a consumer is at: [how it is, in words].
export function doing(consumer) {
  if (consumer.name === "meter") {
    return [consumer.does === "no_file" ? "wait" : "", METER[consumer.does] || consumer.does];
  }
  if (consumer.does === "caught_up") return ["", "has delivered everything"];
  if (consumer.does === "sending") return ["", "is delivering"];
  return ["stop", `waits: ${(waiting(consumer) || [consumer.does])[0]}`];
}

// What a push of the metrics is at: [how it is, in words].
export function pushing(push) {
  if (push.does === "caught_up") return ["", push.succeeded_at ? "has the newest numbers" : "is about to get numbers"];
  if (push.does === "refused") return ["stop", `refuses numbers (HTTP ${push.status})`];
  return ["stop", `waits: ${(waiting(push) || [push.does])[0]}`];
}

// What to do about a connection that is no more.
export function lostWords(reason) {
  if (reason === "too many pages are open") return "Eight pages may be open at a time, all viewers together: close one.";
  if (reason === "unauthorized") return "Load this page anew to give name and password.";
  if (reason === "tokentail has stopped") return "It has saved its state: when it is started again it goes on where it stopped.";
  return "Does it run, and is its port open from here? Its own log says why it ended. When it is back it reads on where it stopped.";
}

// What somebody should know or do, the worst first: {level, title, text}, where `…` marks what is to be typed.
export function notices(state) {
  return [...failures(state), ...deliveries(state), ...(state.state.failing ? [] : beginnings(state)), ...gaps(state)];
}

function failures({state, about, at}) {
  const found = [];
  if (state.failing) {
    const as_of = state.saved_at ? `as of ${when(state.saved_at, at)}` : "not known";
    found.push({level: "bad", title: `The state cannot be saved: ${state.failing}`,
      text: `Figures stand still (${as_of}) until it can be; nothing is lost. Make room, or make the directory writable: \`df -h ${about.state_dir}\` \`ls -ld ${about.state_dir}\``});
  }
  if (state.recounting) {
    found.push({level: "warn", title: "The last checkpoint was lost; what came after it is being counted again",
      text: "For a minute at most the figures are lower than those shown before."});
  }
  return found;
}

function deliveries({consumers, pushes, troubles, at}) {
  const found = [];
  for (const push of pushes) {
    const known = waiting(push);
    if (known) {
      const since = push.since ? ` ${sinceWords(push.since, at)}` : "";
      found.push({level: "warn", title: `${title(push)} ${known[0]}${since}`,
        text: `${known[1]} Counting goes on; the first push that gets through tells all of it.`});
    } else if (push.does === "refused") {
      found.push({level: "warn", title: `${title(push)} refuses the numbers`,
        text: `It answers HTTP ${push.status}. Its words are in tokentail's own log: \`${push.name}_refused\`. All of it is pushed again each time.`});
    }
  }
  for (const consumer of consumers) {
    const known = consumer.name === "meter" ? null : waiting(consumer);
    if (known) {
      const since = consumer.since ? ` ${sinceWords(consumer.since, at)}` : "";
      found.push({level: "warn", title: `${title(consumer)} ${known[0]}${since}`,
        text: `${known[1]} Counting goes on; ${bytes(consumer.lag_bytes)} wait in the log files and go out when it is back: do not delete them before.`});
    }
  }
  for (const [sink, {refused, doubtful}] of Object.entries(troubles.set_aside_entries)) {
    const how = `Those that are kept, and why: \`tokentail deadletters list --sink ${sink}\`; to send them again: \`tokentail deadletters resend --sink ${sink}\``;
    if (refused) found.push({level: "warn", title: `${title({name: sink})} has refused ${plural(refused, "line")} for good`, text: how});
    if (doubtful) {
      found.push({level: "warn", title: `${title({name: sink})} has refused some of ${plural(doubtful, "line")}, and it is not known which`,
        text: `All of them were set aside. ${how}; then those that were taken come a second time.`});
    }
  }
  const lost = Object.values(troubles.lost_bytes).reduce((a, b) => a + b, 0);
  if (lost) {
    found.push({level: "warn", title: `${bytes(lost)} were destroyed before they were read`,
      text: "Files were truncated or deleted too early. Rotate by renaming, and keep a rotated file for a while."});
  }
  return found;
}

function beginnings({about, files, ever, troubles}) {
  const log = files.shown.length ? files.shown[0].path : about.paths[0];
  if (!files.count) {
    const errors = troubles.file_errors ? ` ${plural(troubles.file_errors, "attempt")} to open one failed: its own log says why.` : "";
    return [{level: "tip", title: "No file yet",
      text: `Nothing is there at \`${about.paths.join(" ")}\`. It is looked for every second, and read as soon as it is there.${errors} Is the path right, and may this user read it? \`ls -l ${about.paths[0]}\``}];
  }
  const lines = Object.values(ever.lines).reduce((a, b) => a + b, 0);
  if (!lines) {
    return [{level: "tip", title: "No line yet", text: `${plural(files.count, "file")} followed, nothing whole written so far. Make a call with your application; its line shows up here within a second.`}];
  }
  if (!ever.calls) {
    const open = about.open_calls ? ` ${plural(about.open_calls, "request")} still without an answer.` : "";
    return [{level: "tip", title: "No call yet", text: `${plural(lines, "line")} read, none of them told of a finished call.${open} See how each is understood: \`tokentail explain ${log}\` and what to configure: \`tokentail explain --suggest ${log}\``}];
  }
  return [];
}

function gaps({ever, today, files, about}) {
  const found = [];
  const log = files.shown.length ? files.shown[0].path : about.paths[0];
  if (ever.calls && !ever.input_tokens && !ever.output_tokens && Object.keys(ever.missing).length) {
    found.push({level: "warn", title: "Calls, but none of them tells its tokens",
      text: `Reasons: ${Object.entries(ever.missing).map(([why, calls]) => `${why} ${whole(calls)}`).join(", ")}. Streams of the Chat Completions API tell them only with \`"stream_options": {"include_usage": true}\`. What a line lacks: \`tokentail explain ${log}\``});
  }
  if (today.unpriced_calls) {
    const which = today.models.filter((row) => row.unpriced_calls && row.model).map((row) => row.model);
    const shown = which.slice(0, 3).join(", ") + (which.length > 3 ? ` and ${which.length - 3} more` : "");
    found.push({level: "warn", title: `${plural(today.unpriced_calls, "call")} of today had no known price${shown ? `: ${shown}` : ""}`,
      text: `What they cost is not in the sums. Find out: \`tokentail prices check ${log}\`, then give a price with \`--prices FILE\` or say what the name stands for with \`--model-alias NAME=MODEL\``});
  }
  return found;
}
