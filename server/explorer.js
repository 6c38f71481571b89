"use strict";
// Lists what openapi.json describes. All text comes in as text nodes.
(() => {
  const $ = (id) => document.getElementById(id);
  function make(tag, attrs, ...children) {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(attrs || {})) if (v !== undefined) e.setAttribute(k, v);
    e.append(...children.flat().filter((c) => c !== undefined && c !== null));
    return e;
  }
  let doc;

  // resolve follows a reference to a schema.
  const resolve = (s) => (s && s.$ref ? doc.components.schemas[s.$ref.split("/").pop()] : s) || {};
  function typeOf(s) {
    const r = resolve(s);
    if (s && s.$ref) return s.$ref.split("/").pop();
    if (r.type === "array") return `list of ${typeOf(r.items)}`;
    if (r.contentEncoding) return `${r.contentEncoding} text`;
    return r.format || r.type || "anything";
  }
  // example has what is required, so that the request is close to one that works.
  function example(s, depth) {
    s = resolve(s);
    if (depth > 4) return null;
    switch (s.type) {
      case "object": {
        const out = {};
        for (const k of s.required || []) out[k] = example(s.properties[k], depth + 1);
        return out;
      }
      case "array": return [example(s.items, depth + 1)];
      case "string": return s.contentEncoding ? "" : "text";
      case "number": case "integer": return 1;
      case "boolean": return false;
      default: return "text";
    }
  }
  function fields(s) {
    s = resolve(s);
    const names = Object.keys(s.properties || {});
    if (!names.length) return undefined;
    const needed = s.required || [];
    return [make("h3", {}, "Fields"), make("ul", {}, names.map((n) => make("li", {}, make("code", {}, n), ` ${typeOf(s.properties[n])}${needed.includes(n) ? ", required" : ""}`)))];
  }

  function form(method, path, op) {
    const params = (op.parameters || []).map((p) => [p.name, make("input", { required: "", autocomplete: "off", placeholder: p.name })]);
    const query = make("input", { autocomplete: "off", placeholder: "limit=10" });
    const content = (op.requestBody || {}).content || {};
    const json = content["application/json"];
    const body = json && make("textarea", { spellcheck: "false" });
    if (body) body.value = JSON.stringify(example(json.schema, 0), null, 2);
    const file = content["multipart/form-data"] && make("input", { type: "file" });
    const out = make("div", { "aria-live": "polite" });
    const f = make("form", {},
      params.map(([name, input]) => make("label", {}, `${name} `, input)),
      make("label", {}, "Query ", query),
      file && make("label", {}, "File, sent instead of the body ", file),
      body && make("label", {}, "Body ", body),
      make("button", {}, "Send"));
    f.addEventListener("submit", (e) => {
      e.preventDefault();
      let target = path;
      for (const [name, input] of params) target = target.replace(`{${name}}`, encodeURIComponent(input.value));
      if (query.value) target += `?${query.value}`;
      send(method, target, file && file.files.length ? file.files[0] : body && body.value, out);
    });
    return [f, out];
  }

  async function send(method, path, body, out) {
    const headers = {};
    if ($("token").value) headers.Authorization = `Bearer ${$("token").value}`;
    if ($("key").value) headers["X-Api-Key"] = $("key").value;
    if (body instanceof File) {
      const form = new FormData();
      form.append("file", body);
      body = form;
    } else if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    const start = performance.now();
    try {
      const r = await fetch(path.slice(1) || "./", { method: method.toUpperCase(), headers, body });
      let text = await r.text();
      try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON: shown as it is */ }
      const ms = Math.round(performance.now() - start);
      out.replaceChildren(
        make("p", { class: `answer ${r.ok ? "good" : "bad"}` }, `${r.ok ? "✓" : "✕"} ${r.status} ${r.statusText} in ${ms} ms`),
        make("pre", { tabindex: "0" }, text.length > 100000 ? `${text.slice(0, 100000)}\n… ${text.length - 100000} more characters` : text || "(empty)"));
    } catch (e) {
      out.replaceChildren(make("p", { class: "answer bad" }, `✕ no answer: ${e.message}`));
    }
  }

  function operation(method, path, op) {
    const inside = make("div", { class: "inside" });
    const d = make("details", { id: op.operationId, "data-text": `${method} ${path} ${op.summary}`.toLowerCase() },
      make("summary", {}, make("span", { class: "method" }, method.toUpperCase()), make("span", { class: "path" }, path), make("span", { class: "muted" }, op.summary)),
      inside);
    d.addEventListener("toggle", () => {
      if (inside.childNodes.length) return;
      const json = ((op.requestBody || {}).content || {})["application/json"];
      const errors = Object.keys(op.responses).filter((s) => s >= 400);
      inside.append(
        make("p", { class: "muted" }, op["x-permission"] ? `Needs the permission ${op["x-permission"]}.` : "For everybody.",
          errors.length ? ` Errors: ${errors.map((s) => `${s} ${op.responses[s].description}`).join("; ")}.` : ""),
        ...(json && fields(json.schema) || []), ...form(method, path, op));
    });
    return d;
  }

  async function load() {
    const r = await fetch("openapi.json");
    if (!r.ok) throw new Error(`status ${r.status}`);
    doc = await r.json();
    document.title = `${doc.info.title} routes`;
    $("title").replaceChildren(`${doc.info.title} `, make("small", {}, doc.info.version));
    const tags = new Map();
    for (const [path, ops] of Object.entries(doc.paths)) {
      for (const [method, op] of Object.entries(ops)) {
        const tag = op.tags[0];
        if (!tags.has(tag)) tags.set(tag, []);
        tags.get(tag).push(operation(method, path, op));
      }
    }
    for (const [tag, all] of [...tags].sort(([a], [b]) => (a === "service") - (b === "service") || a.localeCompare(b))) {
      $("routes").append(make("section", {}, make("h2", {}, tag), all));
    }
  }
  // An address such as docs#getHealth opens that operation.
  function openNamed() {
    const d = document.getElementById(location.hash.slice(1));
    if (d && d.tagName === "DETAILS") {
      d.open = true;
      d.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", openNamed);

  $("find").addEventListener("input", () => {
    const want = $("find").value.toLowerCase().split(/\s+/);
    for (const section of document.querySelectorAll("section")) {
      let any = false;
      for (const d of section.querySelectorAll("details")) {
        d.hidden = !want.every((w) => d.dataset.text.includes(w));
        any ||= !d.hidden;
      }
      section.hidden = !any;
    }
  });
  load().then(openNamed).catch((e) => {
    $("problem").textContent = `The list of routes cannot be read: ${e.message}.`;
    $("problem").hidden = false;
  });
})();
