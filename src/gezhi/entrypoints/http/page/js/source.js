// The right panel: a document's text, scrolled to the passage, the quote marked.

import * as api from "./api.js";
import { byId, codePointIndex, el } from "./dom.js";
import { t } from "./words.js";

const LONGEST = 300000; // characters drawn at once

const SEPARATOR = " | ";
const LONG_CELL = 28; // characters; it is wrapped
const SIGNS = { heading: /^#{1,6}\s+/, list_item: /^([-*+•]|\d{1,3}[.)])\s+/ };

let shown = null;
let opener = null;
let asked = 0;

/** `place`: {document_id, source, page?, quote?: [start, end], passage?: [start, end]}, in code points. */
export async function open(place) {
  const panel = byId("source");
  const turn = ++asked;
  if (panel.hidden) opener = document.activeElement;
  panel.hidden = false;
  byId("house").classList.add("with-source");
  byId("source-title").textContent = place.source.split("/").pop();
  byId("source-place").textContent = place.source;
  byId("legend").hidden = !place.passage;
  byId("source-text").setAttribute("aria-busy", "true");
  if (shown?.id !== place.document_id) byId("source-text").replaceChildren();
  try {
    const found = shown?.id === place.document_id ? shown : await api.documentText(place.document_id);
    if (turn !== asked) return;
    shown = found;
    draw(place);
  } catch (error) {
    if (turn !== asked) return;
    shown = null;
    byId("source-text").replaceChildren(el("p", { class: "note" }, error.status === 404 ? t("gone") : error.message));
  } finally {
    byId("source-text").removeAttribute("aria-busy");
  }
  byId("source-title").focus({ preventScroll: true });
}

export function close() {
  byId("source").hidden = true;
  byId("house").classList.remove("with-source");
  opener?.focus?.();
}

export function start() {
  byId("close-source").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !byId("source").hidden && !document.querySelector("dialog[open]")) close();
  });
}

function draw(place) {
  const facts = [place.source, place.page ? t("page", { n: place.page }) : "", shown.revision > 1 ? t("revision", { n: shown.revision }) : ""];
  byId("source-title").textContent = shown.title || place.source.split("/").pop();
  byId("source-place").textContent = facts.filter((fact) => fact).join(" · ");
  const text = shown.text;
  const at = codePointIndex(text);
  const span = (range) => (range ? [at(range[0]), at(range[1])] : null);
  const quote = span(place.quote);
  const passage = span(place.passage);
  const middle = (quote ?? passage ?? [0])[0];
  const from = text.length > LONGEST ? Math.max(0, middle - LONGEST / 2) : 0;
  const to = Math.min(text.length, from + LONGEST);
  const nodes = from > 0 || to < text.length ? [el("p", { class: "note" }, t("part_shown"))] : [];
  let page = null;
  for (const block of withGaps(shown.blocks.map((b) => ({ ...b, start: at(b.start), end: at(b.end) })), text)) {
    if (block.end <= from || block.start >= to) continue;
    if (block.page && block.page !== page) {
      page = block.page;
      if (shown.page_count !== 1) nodes.push(el("p", { class: "page-mark" }, t("page", { n: page })));
    }
    const level = block.kind === "heading" ? ` level-${Math.min(block.level || 1, 4)}` : "";
    // a sign that Markdown writes before a heading or an item is shown, but faintly
    const sign = SIGNS[block.kind]?.exec(text.slice(block.start, Math.min(block.end, block.start + 12)))?.[0] ?? "";
    const bare = block.kind === "list_item" && !sign ? " bare" : "";
    const content = block.kind === "table"
      ? el("div", { class: "grid" }, lines(text, block.start, block.end).map(([start, end]) => row(text, start, end, passage, quote)))
      : marked(text, block.start + sign.length, block.end, passage, quote);
    nodes.push(el("div", { class: `block ${block.kind}${level}${bare}` }, sign ? el("span", { class: "sign" }, sign) : "", content));
  }
  byId("source-text").replaceChildren(...nodes);
  const target = byId("source-text").querySelector("mark.quote") ?? byId("source-text").querySelector("mark");
  if (target) requestAnimationFrame(() => target.scrollIntoView({ block: "center" }));
  else byId("source-text").scrollTop = 0;
}

/** The blocks, and what stands between them unless it is blank. */
function* withGaps(blocks, text) {
  let end = 0;
  for (const block of blocks) {
    if (text.slice(end, block.start).trim()) yield { kind: "paragraph", start: end, end: block.start };
    yield block;
    end = Math.max(end, block.end);
  }
  if (text.slice(end).trim()) yield { kind: "paragraph", start: end, end: text.length };
}

/** The lines of a table: its rows. */
function lines(text, start, end) {
  const found = [];
  for (let at = start; at < end;) {
    const stop = text.indexOf("\n", at);
    const next = stop < 0 || stop > end ? end : stop;
    if (next > at) found.push([at, next]);
    at = next + 1;
  }
  return found;
}

/** Cells as Gezhi writes them, " | " between; a row that is marked as a whole is marked as one. */
function row(text, start, end, passage, quote) {
  const whole = (range) => range && range[0] <= start && end <= range[1];
  const cells = [];
  for (let from = start; from <= end;) {
    const bar = text.indexOf(SEPARATOR, from);
    const to = bar < 0 || bar >= end ? end : bar;
    cells.push(el("span", { class: to - from > LONG_CELL ? "cell long" : "cell" }, marked(text, from, to, passage, quote)));
    from = to + SEPARATOR.length;
  }
  return el("div", { class: whole(quote) ? "row quoted" : whole(passage) ? "row near" : "row" }, cells);
}

function marked(text, start, end, passage, quote) {
  const cuts = new Set([start, end]);
  for (const range of [passage, quote]) for (const cut of range ?? []) if (cut > start && cut < end) cuts.add(cut);
  const places = [...cuts].sort((a, b) => a - b);
  const within = (range, place) => range && place >= range[0] && place < range[1];
  return places.slice(0, -1).map((place, i) => {
    const piece = text.slice(place, places[i + 1]);
    if (within(quote, place)) return el("mark", { class: "quote" }, piece);
    return within(passage, place) ? el("mark", { class: "passage" }, piece) : piece;
  });
}
