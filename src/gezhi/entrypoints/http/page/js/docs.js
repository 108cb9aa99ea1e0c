// Draws /openapi.json: what each route takes, gives and refuses.

import { askForKey, authorization } from "./api.js";
import { byId, el } from "./dom.js";
import { translatePage } from "./words.js";

async function load() {
  for (;;) {
    const response = await fetch("/openapi.json", { headers: authorization() });
    if (response.status !== 401) return response.json();
    await askForKey();
  }
}

function resolve(schema, all) {
  const name = schema?.$ref?.split("/").pop();
  return name ? all[name] : schema;
}

/** A schema as one reads it: `{question: string, history: [{role: "user" | "assistant", text: string}]}`. */
function sketch(schema, all, depth = 0) {
  const name = schema?.$ref?.split("/").pop();
  if (name && depth > 2) return name;
  const found = resolve(schema, all);
  if (!found) return "any";
  if (found.const !== undefined) return JSON.stringify(found.const);
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (found.anyOf) return found.anyOf.map((option) => sketch(option, all, depth)).join(" | ");
  if (found.type === "array") return `[${sketch(found.items, all, depth)}]`;
  if (found.type === "object" && found.properties) {
    const pad = "  ".repeat(depth + 1);
    const wanted = new Set(found.required ?? []);
    const lines = Object.entries(found.properties).map(([key, value]) =>
      `${pad}${key}${wanted.has(key) ? "" : "?"}: ${sketch(value, all, depth + 1)}${value.description ? `   // ${value.description}` : ""}`);
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return found.format === "binary" ? "file" : (found.type ?? "any");
}

/** Lines of a paragraph joined; paragraphs stay apart. */
const joined = (text) => text.split("\n\n").map((paragraph) => paragraph.replaceAll("\n", " ")).join("\n\n");

function drawRoute(verb, path, route, all) {
  const parts = [];
  if (route.description) parts.push(el("p", { class: "about" }, joined(route.description)));
  if (route.parameters?.length) {
    parts.push(el("h3", {}, "Parameters"), el("table", {}, route.parameters.map((p) => el("tr", {},
      el("td", {}, p.name), el("td", {}, `${p.in}${p.required ? ", required" : ""}`), el("td", {}, p.description ?? "")))));
  }
  for (const [type, content] of Object.entries(route.requestBody?.content ?? {})) {
    parts.push(el("h3", {}, `Request: ${type}`), el("pre", {}, sketch(content.schema, all)));
  }
  const rows = Object.entries(route.responses).map(([code, response]) => el("tr", {}, el("td", {}, code), el("td", {}, response.description)));
  const good = Object.entries(route.responses).find(([code]) => code.startsWith("2"))?.[1];
  const body = good?.content?.["application/json"]?.schema;
  if (body) parts.push(el("h3", {}, "Response"), el("pre", {}, sketch(body, all)));
  parts.push(el("h3", {}, "Statuses"), el("table", {}, rows));
  return el("details", { class: "route" },
    el("summary", {}, el("span", { class: "verb" }, verb.toUpperCase()), el("span", { class: "path" }, path), el("span", { class: "summary" }, route.summary)),
    el("div", { class: "route-body" }, parts));
}

translatePage();
const description = await load();
byId("status").textContent = `HTTP API, version ${description.info.version}`;
const groups = new Map();
for (const [path, verbs] of Object.entries(description.paths)) {
  for (const [verb, route] of Object.entries(verbs)) {
    const tag = route.tags?.[0] ?? "other";
    groups.set(tag, [...(groups.get(tag) ?? []), drawRoute(verb, path, route, description.components.schemas)]);
  }
}
byId("routes").append(el("p", { class: "about" }, joined(description.info.description)),
  ...[...groups].flatMap(([tag, routes]) => [el("h2", {}, tag === "openai" ? "OpenAI-compatible" : tag), ...routes]));
