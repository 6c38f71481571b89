"use strict";
// All text comes in as text nodes: nothing that the service says can become markup.
(() => {
  const $ = (id) => document.getElementById(id);
  const svgNS = "http://www.w3.org/2000/svg";

  // make builds an element: attributes, then children that are nodes or texts.
  function make(tag, attrs, ...children) {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(attrs || {})) {
      if (v === undefined || v === false) continue;
      if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
      else e.setAttribute(k, v);
    }
    e.append(...children.flat().filter((c) => c !== undefined && c !== null));
    return e;
  }
  function draw(tag, attrs, ...children) {
    const e = document.createElementNS(svgNS, tag);
    for (const [k, v] of Object.entries(attrs || {})) e.setAttribute(k, v);
    e.append(...children);
    return e;
  }

  // What people read.
  const none = "–";
  function plain(v) {
    if (v === null || v === undefined) return none;
    if (v === 0) return "0";
    const a = Math.abs(v);
    if (a >= 1e6) return v.toLocaleString("en", { notation: "compact", maximumFractionDigits: 1 });
    return v.toLocaleString("en", { maximumFractionDigits: a >= 100 ? 0 : a >= 1 ? 1 : 3 });
  }
  function seconds(v) {
    if (v === null || v === undefined) return none;
    if (v === 0) return "0";
    if (v < 1e-3) return `${plain(v * 1e6)} µs`;
    if (v < 1) return `${plain(v * 1e3)} ms`;
    if (v < 120) return `${plain(v)} s`;
    if (v < 7200) return `${Math.round(v / 60)} min`;
    if (v < 172800) return `${Math.round(v / 3600)} h`;
    return `${Math.round(v / 86400)} days`;
  }
  function bytes(v) {
    if (v === null || v === undefined) return none;
    for (const unit of ["B", "KiB", "MiB", "GiB"]) {
      if (v < 1024 || unit === "GiB") return `${plain(v)} ${unit}`;
      v /= 1024;
    }
  }
  const percent = (v) => (v === null || v === undefined ? none : `${plain(v * 100)} %`);
  const clock = (t) => new Date(t).toLocaleTimeString("en-GB");
  let offset = 0; // of the service's clock
  const ago = (t) => `${seconds(Math.max(0, Math.round((Date.now() + offset - new Date(t)) / 1000)))} ago`;

  // A badge says its state with a sign and a word; the colour only repeats it.
  const states = {
    up: ["good", "✓ up"], degraded: ["warn", "! degraded"], unknown: ["", "? unknown"], down: ["bad", "✕ down"],
    info: ["info", "i info"], warning: ["warn", "! warning"], error: ["bad", "✕ error"], critical: ["bad", "‼ critical"],
    pending: ["", "… pending"], firing: ["bad", "▲ firing"], acknowledged: ["info", "● acknowledged"], silenced: ["", "⊘ silenced"],
    scheduled: ["", "◷ scheduled"], queued: ["", "… queued"], running: ["info", "▶ running"], done: ["good", "✓ done"],
    failed: ["bad", "✕ failed"], canceled: ["", "⊘ canceled"],
  };
  function badge(state) {
    const [kind, words] = states[state] || ["", state];
    return make("span", { class: `badge ${kind}` }, words);
  }

  // table builds a table that becomes a list of cards on a phone. A column is
  // [title, cell of a row, "head", "num", "short" or nothing]. Roles are said because the style
  // for phones would make browsers forget them.
  function table(caption, columns, rows) {
    const head = columns.map(([title, , kind]) => make("th", { role: "columnheader", scope: "col", class: kind === "num" ? "num" : undefined }, title));
    const body = rows.map((row) => make("tr", { role: "row" }, columns.map(([title, cell, kind]) => {
      const content = cell(row);
      if (kind === "head") return make("th", { role: "rowheader", scope: "row" }, content);
      const empty = content === "" || content === undefined;
      return make("td", { role: "cell", class: `${kind || ""} ${empty ? "empty" : ""}`.trim() || undefined, "data-label": title || undefined }, make("div", {}, content));
    })));
    return make("table", { role: "table" },
      make("caption", { class: "unseen" }, caption),
      make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, head)),
      make("tbody", { role: "rowgroup" }, body));
  }
  const labels = (all) => (all && Object.keys(all).length
    ? make("div", { class: "labels" }, Object.keys(all).sort().map((k) => make("span", {}, `${k}=${all[k]}`))) : undefined);

  // show replaces what is in a box if it is to say something else, and keeps the focus.
  const shown = {};
  function show(id, key, build) {
    key = JSON.stringify(key);
    if (shown[id] === key) return;
    shown[id] = key;
    const focus = document.activeElement && $(id).contains(document.activeElement) ? document.activeElement.dataset.key : "";
    $(id).replaceChildren(...[build()].flat().filter(Boolean));
    if (focus) $(id).querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
  }
  // say changes a text only if it is another, so that a screen reader is not told twice.
  function say(where, words) {
    const e = typeof where === "string" ? $(where) : where;
    if (e.textContent !== words) e.textContent = words;
  }

  // Charts. A line is told by its dashes as well as by its colour.
  const dashes = ["", "7 4", "2 4"];
  function nice(v, format) {
    if (!(v > 0)) return 1;
    if (format === bytes) return 2 ** Math.ceil(Math.log2(v));
    const p = 10 ** Math.floor(Math.log10(v));
    return [1, 2, 4, 5, 10].find((m) => m * p >= v * 0.999) * p;
  }
  class Chart {
    constructor(title, format, lines) {
      Object.assign(this, { title, format, lines, at: -1, points: { t: [] } });
      this.svg = draw("svg", { class: "chart", role: "img", tabindex: "0" });
      this.readout = make("p", { class: "readout" });
      const key = lines.map((l, i) => make("span", {}, draw("svg", { "aria-hidden": "true" },
        draw("line", { x1: 0, x2: 27, y1: 5, y2: 5, class: `line ${l.color}`, "stroke-dasharray": dashes[i] })), l.label));
      this.box = make("figure", {}, make("figcaption", {}, make("span", {}, title), make("span", { class: "key" }, key)), this.svg, this.readout);
      this.svg.addEventListener("pointermove", (e) => this.point(e.clientX));
      this.svg.addEventListener("pointerleave", () => this.move(-1));
      this.svg.addEventListener("blur", () => this.move(-1));
      this.svg.addEventListener("keydown", (e) => this.key(e));
      new ResizeObserver(() => this.paint()).observe(this.svg);
    }
    key(e) {
      const last = this.points.t.length - 1;
      const from = this.at < 0 ? last : this.at;
      const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last, PageUp: from - 20, PageDown: from + 20, Escape: -1 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      this.readout.setAttribute("aria-live", "polite");
      this.move(e.key === "Escape" ? -1 : Math.min(last, Math.max(0, to)));
    }
    point(x) {
      const n = this.points.t.length;
      if (n < 2) return;
      this.readout.removeAttribute("aria-live");
      const where = (x - this.svg.getBoundingClientRect().left - this.left) / (this.right - this.left);
      const t = this.from + where * (this.to - this.from);
      let best = 0;
      for (let i = 1; i < n; i++) if (Math.abs(this.points.t[i] - t) < Math.abs(this.points.t[best] - t)) best = i;
      this.move(best);
    }
    move(to) {
      if (to === this.at) return;
      this.time = to < 0 ? undefined : this.points.t[to];
      this.at = to;
      this.paint();
    }
    set(points) {
      this.points = points;
      if (this.time !== undefined) this.at = points.t.indexOf(this.time);
      this.paint();
    }
    scale(width, height) {
      const { t } = this.points;
      let top = 0;
      for (const l of this.lines) for (const v of this.points[l.of]) if (v > top) top = v;
      this.top = nice(top, this.format);
      this.to = t[t.length - 1];
      this.from = t[0];
      if (this.from === this.to) this.from = this.to - 1000;
      Object.assign(this, { left: 52, right: width - 8, head: 10, foot: height - 20 });
    }
    x(t) { return this.left + ((t - this.from) / (this.to - this.from)) * (this.right - this.left); }
    y(v) { return this.foot - (v / this.top) * (this.foot - this.head); }
    paint() {
      const width = this.svg.clientWidth, height = this.svg.clientHeight, p = this.points;
      if (!width || !p.t.length) return;
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.scale(width, height);
      const parts = [];
      for (const v of [0, this.top / 2, this.top]) {
        parts.push(draw("line", { class: "grid", x1: this.left, x2: this.right, y1: this.y(v), y2: this.y(v) }));
        parts.push(draw("text", { x: this.left - 6, y: this.y(v) + 4, "text-anchor": "end" }, this.format(v)));
      }
      const ends = [["start", this.from, this.left], ["end", this.to, this.right]];
      if (width > 420) ends.push(["middle", (this.from + this.to) / 2, (this.left + this.right) / 2]);
      for (const [anchor, t, x] of ends) parts.push(draw("text", { x, y: height - 4, "text-anchor": anchor }, clock(t)));
      this.lines.forEach((l, i) => parts.push(...this.line(p[l.of], l.color, dashes[i])));
      if (this.at >= 0 && this.at < p.t.length) parts.push(...this.hair());
      this.svg.replaceChildren(...parts);
      this.tell();
    }
    line(values, color, dash) {
      let d = "", pen = false;
      const alone = [];
      values.forEach((v, i) => {
        if (v === null) { pen = false; return; }
        if (!pen && (values[i + 1] ?? null) === null) alone.push(i);
        d += `${pen ? "L" : "M"}${this.x(this.points.t[i]).toFixed(1)} ${this.y(v).toFixed(1)}`;
        pen = true;
      });
      const dots = alone.map((i) => draw("circle", { class: `dot ${color}`, cx: this.x(this.points.t[i]), cy: this.y(values[i]), r: 2.5 }));
      return [draw("path", { class: `line ${color}`, d, "stroke-dasharray": dash }), ...dots];
    }
    hair() {
      const x = this.x(this.points.t[this.at]);
      const dots = this.lines.filter((l) => this.points[l.of][this.at] !== null)
        .map((l) => draw("circle", { class: `dot ${l.color}`, cx: x, cy: this.y(this.points[l.of][this.at]), r: 4 }));
      return [draw("line", { class: "hair", x1: x, x2: x, y1: this.head, y2: this.foot }), ...dots];
    }
    values(i) { return this.lines.map((l) => `${l.label} ${this.format(this.points[l.of][i])}`).join(", "); }
    tell() {
      const last = this.points.t.length - 1;
      const i = this.at >= 0 && this.at <= last ? this.at : last;
      say(this.readout, `${i === last ? "now" : clock(this.points.t[i])}: ${this.values(i)}`);
      this.svg.setAttribute("aria-label", `${this.title}, ${clock(this.points.t[0])} to ${clock(this.points.t[last])}; now ${this.values(last)}. Arrow keys move through time.`);
    }
  }

  const flow = [
    new Chart("Throughput, calls a second", plain, [{ label: "calls", of: "calls", color: "a" }, { label: "failed", of: "failed", color: "r" }]),
    new Chart("Latency", seconds, [{ label: "p50", of: "p50", color: "a" }, { label: "p95", of: "p95", color: "b" }, { label: "p99", of: "p99", color: "c" }]),
    new Chart("Waiting before work, p95", seconds, [{ label: "waited", of: "waited", color: "a" }]),
  ];
  const memory = new Chart("Memory of live objects", bytes, [{ label: "heap", of: "heap", color: "a" }]);
  const goroutines = new Chart("Goroutines", plain, [{ label: "goroutines", of: "goroutines", color: "a" }]);
  const jobChart = new Chart("Job queue", plain, [{ label: "waiting", of: "queued", color: "a" }, { label: "running", of: "running", color: "b" }]);

  // Actions. The token is that of a session of the server, if there is one.
  let token = "";
  async function act(what, body, done) {
    try {
      const r = await fetch(what, {
        method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-Quintet-Dashboard": "1", ...(token && { "X-Csrf-Token": token }) },
      });
      if (!r.ok) {
        const p = await r.json().catch(() => ({}));
        throw new Error(p.detail || p.title || `status ${r.status}`);
      }
      say("said", done);
      warn("");
    } catch (e) {
      warn(`This was not done: ${e.message}.`);
    }
    poll();
  }
  function warn(words) {
    say("lost", words);
    $("lost").hidden = words === "";
  }
  let quieting;
  function askToSilence(a) {
    quieting = a;
    say("quiet-what", `${a.name}: ${a.summary}`);
    $("quiet").showModal();
  }
  $("quiet-no").addEventListener("click", () => $("quiet").close());
  $("quiet-yes").addEventListener("click", () => {
    $("quiet").close();
    act("silence", { id: quieting.id, minutes: Number($("quiet-minutes").value), comment: $("quiet-why").value }, `${quieting.name} is silenced.`);
    $("quiet-why").value = "";
  });

  // What the page shows, part by part.
  let data, points;
  function header() {
    document.title = `${data.name} dashboard`;
    say("name", data.name);
    say("version", data.version);
    const h = data.health;
    const [kind, words] = h ? (h.draining ? ["warn", "! shutting down"] : states[h.status]) : ["info", "▶ running"];
    $("status").className = `badge ${kind}`;
    say("status", words);
    say("since", `up ${seconds(data.uptime)} · ${clock(data.now)}`);
    say("footer", `A point every ${seconds(data.interval)}. Times are of this browser.`);
  }
  const newest = (name) => points[name][points[name].length - 1];
  function tiles() {
    const all = [];
    if (data.pipeline) {
      const calls = newest("calls"), failed = newest("failed");
      all.push([`Calls of ${data.pipeline}`, plain(calls), "a second"]);
      all.push(["Latency, p95", seconds(newest("p95")), ""]);
      all.push(["Failed", calls > 0 ? percent(failed / calls) : "0 %", "of calls"]);
    }
    if (data.jobs) all.push(["Jobs", plain(data.jobs.stats.running), `running, ${plain(data.jobs.stats.queued)} waiting`]);
    if (data.alerts) {
      const firing = data.alerts.active.filter((a) => a.state === "firing").length;
      all.push(["Alerts", firing ? `▲ ${firing}` : "✓ 0", `firing, ${data.alerts.stats.active - firing} other`]);
    }
    all.push(["Memory", bytes(newest("heap")), `${plain(newest("goroutines"))} goroutines`]);
    show("tiles", all, () => all.map(([t, v, more]) => make("div", {}, make("dt", {}, t), make("dd", {}, v, make("small", {}, more || "now")))));
  }
  function alerts() {
    $("alerts").hidden = !data.alerts;
    if (!data.alerts) return;
    const { active, more, silences } = data.alerts;
    show("alert-list", [active, more, data.can_act], () => {
      if (!active.length) return make("p", { class: "none" }, "✓ No alerts.");
      const columns = [
        ["Alert", (a) => [make("div", {}, a.name), labels(a.labels)], "head"],
        ["Severity", (a) => badge(a.severity)],
        ["State", (a) => [badge(a.state), a.by ? ` by ${a.by}` : undefined]],
        ["What", (a) => a.summary],
        ["Began", (a) => make("time", { datetime: a.starts, title: a.starts }, clock(a.starts)), "short"],
      ];
      if (data.can_act) columns.push(["", (a) => make("div", { class: "buttons" },
        a.state === "firing" || a.state === "pending" ? make("button", {
          type: "button", "data-key": `ack ${a.id}`, "aria-label": `Acknowledge ${a.name}`,
          onclick: () => act("acknowledge", { id: a.id }, `${a.name} is acknowledged.`),
        }, "Acknowledge") : undefined,
        a.state !== "silenced" ? make("button", {
          type: "button", "data-key": `silence ${a.id}`, "aria-label": `Silence ${a.name}`, onclick: () => askToSilence(a),
        }, "Silence…") : undefined), "short"]);
      return [table("Alerts that are not over", columns, active), more ? make("p", { class: "muted" }, `and ${more} more`) : undefined];
    });
    show("silences", [silences, data.can_act], () => silences.length && table("Silences", [
      ["Silence", (s) => labels(s.match), "head"],
      ["By", (s) => s.by],
      ["Why", (s) => s.comment || ""],
      ["Until", (s) => new Date(s.until).toLocaleString("en-GB"), "short"],
      ["", (s) => data.can_act && make("button", {
        type: "button", "data-key": `end ${s.id}`, "aria-label": "End this silence", onclick: () => act("unsilence", { id: s.id }, "The silence is over."),
      }, "End")],
    ], silences));
  }
  function chartBoxes() {
    const boxes = [...(data.pipeline ? flow : []), ...(data.jobs ? [jobChart] : []), memory, goroutines];
    show("charts", boxes.map((c) => c.title), () => boxes.map((c) => c.box));
    boxes.forEach((c) => c.set(points));
    $("choose").hidden = data.pipelines.length < 2;
    show("pipeline", data.pipelines, () => data.pipelines.map((p) => make("option", { value: p }, p)));
    if ($("pipeline").value !== data.pipeline) $("pipeline").value = data.pipeline;
    const span = (points.t[points.t.length - 1] - points.t[0]) / 1000;
    say("charts-title", span < 60 ? "Last minute" : `Last ${Math.round(span / 60)} minutes`);
  }
  function checks() {
    const all = data.health ? data.health.checks : [];
    $("health").hidden = !data.health;
    show("checks", [all.map((c) => ({ ...c, took: 0, checked: 0 })), Math.floor(Date.now() / 10000)], () => (all.length ? table("Health checks", [
      ["Check", (c) => c.name, "head"],
      ["State", (c) => badge(c.status)],
      ["Needed", (c) => (c.optional ? "optional" : c.liveness ? "to live" : "yes")],
      ["Took", (c) => (c.checked ? seconds(c.took / 1e9) : none), "num"],
      ["Last run", (c) => (c.checked ? ago(c.checked) : none), "num"],
      ["Error", (c) => c.error || ""],
    ], all) : make("p", { class: "none" }, "No checks are configured.")));
  }
  function operations() {
    const all = data.operations || [];
    $("work").hidden = !all.length;
    say("work-note", "About the last minute, the busiest first." + (data.more_operations ? ` ${data.more_operations} more are not shown.` : ""));
    show("operations", all, () => table("Operations", [
      ["Operation", (o) => `${o.pipeline} ${o.op}`, "head"],
      ["Calls/s", (o) => plain(o.calls), "num"],
      ["p50", (o) => seconds(o.p50), "num"],
      ["p95", (o) => seconds(o.p95), "num"],
      ["p99", (o) => seconds(o.p99), "num"],
      ["Failed", (o) => percent(o.failed), "num"],
      ["From cache", (o) => percent(o.hits), "num"],
      ["Batch", (o) => plain(o.batch), "num"],
      ["Calls in all", (o) => plain(o.total), "num"],
    ], all));
  }
  function jobs() {
    $("jobs").hidden = !data.jobs;
    if (!data.jobs) return;
    const { stats: s, newest: all } = data.jobs;
    say("jobs-note", `${s.queued} waiting (the oldest for ${seconds(s.oldest / 1e9)}), ${s.running} running, ${s.scheduled} scheduled; ` +
      `since the start ${s.done} done, ${s.failed} failed, ${s.canceled} canceled, ${s.retries} tried again.`);
    show("job-list", [all, Math.floor(Date.now() / 10000)], () => all.length && table("The newest jobs", [
      ["Job", (j) => [make("div", {}, j.kind), make("div", { class: "labels" }, make("span", {}, j.id))], "head"],
      ["State", (j) => badge(j.state)],
      ["Priority", (j) => j.priority],
      ["Attempts", (j) => plain(j.attempt), "num"],
      ["Added", (j) => ago(j.created), "num"],
      ["Took", (j) => (j.finished && j.started ? seconds((new Date(j.finished) - new Date(j.started)) / 1000) : ""), "num"],
      ["Owner", (j) => j.owner || ""],
      ["Error", (j) => j.error || ""],
    ].filter(([title]) => (title !== "Owner" && title !== "Error") || all.some((j) => j[title.toLowerCase()])), all));
  }
  function machine() {
    const devices = data.devices || [], models = data.models || [], s = data.sessions;
    $("machine").hidden = !devices.length && !models.length;
    if (s) say("sessions", `${s.loaded} models in memory, ${bytes(s.bytes)}; ${s.running} calls under way; loaded ${s.loads} times, ${s.load_errors} failed.`);
    show("devices", devices, () => devices.length && table("Devices", [
      ["Device", (d) => d.name, "head"],
      ["State", (d) => make("span", { class: `badge ${d.available ? "good" : ""}` }, d.available ? "✓ usable" : "✕ not usable")],
      ["Kind", (d) => d.kind], ["Backend", (d) => d.backend], ["Detail", (d) => d.reason || d.detail || ""],
    ], devices));
    show("models", models, () => models.length && table("Models", [
      ["Model", (m) => m.name, "head"], ["Device", (m) => m.device],
      ["Inputs", (m) => plain(m.inputs), "num"], ["Outputs", (m) => plain(m.outputs), "num"],
    ], models));
  }
  function figures() {
    const all = data.figures || [];
    $("other").hidden = !all.length;
    show("figures", all, () => table("Other figures", [
      ["Figure", (f) => [make("div", {}, f.name), labels(f.labels)], "head"],
      ["Value", (f) => plain(f.value), "num"], ["Meaning", (f) => f.help || ""],
    ], all));
  }

  // join appends new points to those that the page has.
  const limit = 5000;
  function join(fresh) {
    const t = fresh.t || [];
    const follows = points && points.of === data.pipeline && (!t.length || t[0] > points.t[points.t.length - 1]);
    if (!follows) points = { of: data.pipeline, t: [] };
    for (const k of Object.keys(fresh)) points[k] = [...(points[k] || []), ...(fresh[k] || [])].slice(-limit);
  }

  let timer, wanted = "", waiting = 0, paused = false, turn = 0;
  async function poll() {
    clearTimeout(timer);
    const mine = ++turn;
    const query = new URLSearchParams({ pipeline: wanted, after: points ? points.t[points.t.length - 1] || 0 : 0 });
    try {
      const r = await fetch(`data.json?${query}`, { headers: { Accept: "application/json" } });
      token = r.headers.get("X-Csrf-Token") || "";
      if (!r.ok) throw new Error(r.status === 401 || r.status === 403 ? "you may not see this; sign in again" : `status ${r.status}`);
      const got = await r.json();
      if (mine !== turn) return;
      data = got;
      wanted = data.pipeline;
      offset = new Date(data.now) - Date.now();
      join(data.points);
      if (waiting) warn("");
      waiting = 0;
      render();
    } catch (e) {
      if (mine !== turn) return;
      waiting = Math.min(30, (waiting || 1) * 2);
      warn(`The service does not answer (${e.message}). The figures are old; trying again in ${waiting} s.`);
    }
    if (!paused && !document.hidden) timer = setTimeout(poll, waiting ? waiting * 1000 : Math.max(1000, data.interval * 1000));
  }
  function render() {
    header();
    if (points && points.t.length) { tiles(); chartBoxes(); }
    for (const part of [alerts, checks, operations, jobs, machine, figures]) part();
  }
  $("pipeline").addEventListener("change", () => { wanted = $("pipeline").value; points = undefined; poll(); });
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    say("pause", paused ? "Go on" : "Pause");
    if (paused) clearTimeout(timer); else poll();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !paused) poll(); });
  poll();
})();
