// The middle: questions, the stages of an answer, its statements as they come, what they rest on.

import * as api from "./api.js";
import { byId, el, icon } from "./dom.js";
import { drawPlot } from "./plot.js";
import { t } from "./words.js";

const ROWS = 20; // of a result, drawn as a table
const REMEMBERED = 8; // earlier turns sent along
const LONGEST_TURN = 2000;
const REFUSED = { empty_store: "empty_refused", not_computed: "not_computed" };

let turns = [];
let current = null;
let openSource = () => {};
let following = true; // until the reader scrolls

export function start(onOpen) {
  openSource = onOpen;
  const question = byId("question");
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); ask(question.value); });
  question.addEventListener("keydown", (event) => {
    // while a Chinese input method composes, Enter chooses a candidate
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      ask(question.value);
    }
  });
  question.addEventListener("input", fit);
  byId("stop").addEventListener("click", () => current?.abort());
  for (const event of ["wheel", "touchmove"]) byId("scroll").addEventListener(event, () => { following = false; }, { passive: true });
  byId("new-conversation").addEventListener("click", () => { current?.abort(); turns = []; draw(); question.focus(); });
}

function fit() {
  const question = byId("question");
  question.style.height = "auto";
  question.style.height = `${Math.min(question.scrollHeight, 200)}px`;
}

function history() {
  return turns.filter((turn) => turn.answer).slice(-REMEMBERED / 2).flatMap((turn) => [
    { role: "user", text: turn.question.slice(0, LONGEST_TURN) },
    { role: "assistant", text: turn.answer.text.slice(0, LONGEST_TURN) },
  ]);
}

async function ask(text) {
  const question = text.trim();
  if (!question || current) return;
  const turn = { question, stage: "waiting", statements: [], evidence: [], standalone: "", answer: null, error: null };
  const before = history();
  turns.push(turn);
  byId("question").value = "";
  fit();
  current = new AbortController();
  following = true;
  draw();
  scrollTo(turn);
  try {
    for await (const { event, data } of api.answer(question, before, current.signal)) {
      take(turn, event, data);
      redraw(turn);
    }
    if (!turn.answer && !turn.error) turn.error = { message: t("network") };
  } catch (error) {
    turn.error = error.name === "AbortError" ? { stopped: true } : error;
  }
  current = null;
  redraw(turn);
  byId("question").focus({ preventScroll: true });
}

function take(turn, event, data) {
  if (event === "stage") turn.stage = data.name;
  else if (event === "evidence") Object.assign(turn, { evidence: data.evidence, standalone: data.standalone_question });
  else if (event === "statement") turn.statements.push(data);
  else if (event === "done") Object.assign(turn, { answer: data, statements: data.statements, evidence: data.evidence });
  else if (event === "error") turn.error = data.error;
}

export function draw() {
  byId("welcome").hidden = turns.length > 0;
  byId("new-conversation").hidden = turns.length === 0;
  byId("turns").replaceChildren(...turns.map((turn) => (turn.node = drawTurn(turn))));
  drawButtons();
}

function redraw(turn) {
  if (!turns.includes(turn)) return drawButtons();
  // what is there stays there, so that a screen reader says only what is new
  const next = drawTurn(turn);
  const [head, body] = turn.node.children;
  void head;
  const old = [...body.children];
  const fresh = [...next.children[1].children];
  fresh.forEach((node, i) => {
    if (!old[i]) body.append(node);
    else if (!old[i].isEqualNode(node)) old[i].replaceWith(node);
  });
  old.slice(fresh.length).forEach((node) => node.remove());
  turn.node.setAttribute("aria-busy", String(!turn.answer && !turn.error));
  drawButtons();
  if (following) scrollTo(turn);
  return undefined;
}

function drawButtons() {
  byId("send").hidden = current !== null;
  byId("stop").hidden = current === null;
}

/** A turn is read from its question on: that goes to the top, as far as what is below it allows. */
function scrollTo(turn) {
  const scroll = byId("scroll");
  const top = turn.node.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop;
  scroll.scrollTo({ top: turns.length > 1 ? top : 0, behavior: "smooth" });
}

function drawTurn(turn) {
  const body = [];
  if (turn.standalone && turn.standalone !== turn.question) {
    body.push(el("p", { class: "searched-as" }, t("searched_as", { text: turn.standalone })));
  }
  if (turn.answer?.refusal) body.push(drawRefusal(turn.answer.refusal));
  else if (turn.statements.length) body.push(drawStatements(turn));
  if (turn.error) body.push(drawError(turn));
  if (!turn.answer && !turn.error) {
    body.push(el("p", { class: "stage" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), t(`stage_${turn.stage}`)));
  }
  if (turn.answer?.computation) body.push(drawComputation(turn.answer.computation));
  for (const note of turn.answer?.notes ?? []) body.push(el("p", { class: "note dated" }, note.text));
  if (turn.answer && !turn.answer.refusal) body.push(drawMode(turn.answer));
  if (turn.evidence.length) body.push(drawEvidence(turn));
  return el("article", { class: "turn", "aria-busy": String(!turn.answer && !turn.error) },
    el("h3", { class: "asked" }, turn.question), el("div", { class: "answer" }, body));
}

/** Citations are numbered by the quote they show: the same quote keeps its number. */
function drawStatements(turn) {
  const numbers = new Map();
  return el("div", { class: "statements" }, turn.statements.map((statement) => el("p", { class: "statement" },
    statement.text,
    el("span", { class: "chips" }, statement.citations.map((citation) => {
      const key = `${citation.document_id}:${citation.start}:${citation.end}`;
      if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
      return drawChip(turn, citation, numbers.get(key));
    })))));
}

function drawChip(turn, citation, number) {
  const from = turn.evidence.find((evidence) => evidence.passage.id === citation.passage_id);
  const where = citation.page ? `${citation.source}, ${t("page", { n: citation.page })}` : citation.source;
  return el("button", {
    type: "button", class: "chip", title: `${where}\n“${citation.quote}”`, "aria-label": t("citation", { n: number, source: where }),
    onclick: (event) => {
      choose(event.currentTarget);
      openSource({
        document_id: citation.document_id, source: citation.source, page: citation.page,
        quote: [citation.start, citation.end], passage: from ? [from.passage.start, from.passage.end] : [citation.start, citation.end],
      });
    },
  }, String(number));
}

function choose(button) {
  for (const other of document.querySelectorAll(".chosen")) other.classList.remove("chosen");
  button.classList.add("chosen");
}

function drawRefusal(refusal) {
  return el("div", { class: "refusal" }, icon("none"), el("div", {},
    el("strong", {}, t(REFUSED[refusal.code] ?? "refused")), el("p", {}, refusal.message)));
}

function drawError(turn) {
  const { error } = turn;
  const again = el("button", { type: "button", class: "again", onclick: () => askAgain(turn) }, t("ask_again"));
  if (error.stopped) return el("p", { class: "note" }, t("stopped"), again);
  return el("div", { class: "refusal error", role: "alert" }, icon("close"), el("div", {},
    el("strong", {}, t("failed")), el("p", {}, error.message), error.hint ? el("p", { class: "hint" }, error.hint) : "", again));
}

/** The question goes back where it can be changed, or sent as it is. */
function askAgain(turn) {
  if (current) return;
  turns = turns.filter((other) => other !== turn);
  draw();
  const question = byId("question");
  question.value = turn.question;
  fit();
  question.focus();
}

/** How an exact answer came about: the result if it is more than one cell, the query, and how many rows it read. */
function drawComputation(done) {
  const numeric = done.columns.map((_, at) => done.rows.some((row) => typeof row[at] === "number"));
  const grouped = done.columns.map((_, at) => done.rows.some((row) => typeof row[at] === "number" && Math.abs(row[at]) >= 10000));
  const head = el("tr", {}, done.columns.map((name, at) => el("th", numeric[at] ? { class: "number" } : {}, name)));
  const rows = done.rows.slice(0, ROWS).map((row) => el("tr", {}, row.map((value, at) => el("td", numeric[at] ? { class: "number" } : {}, cellText(value, grouped[at])))));
  const more = done.rows.length > ROWS || done.row_count > done.rows.length ? el("p", { class: "note" }, t("rows_shown", { n: rows.length, of: done.row_count.toLocaleString() })) : "";
  const result = done.row_count > 1 || done.columns.length > 1 ? el("div", { class: "result", tabindex: "0", role: "group", "aria-label": t("result") }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows))) : "";
  const from = done.tables.map((table) => t("rows_of", { source: table.source, n: table.rows })).join(", ");
  const behind = done.rows_used === null ? "" : t("rows_behind", { n: done.rows_used });
  const unsure = done.agreed < done.tries ? el("p", { class: "note" }, t("tries_differ", { agreed: done.agreed, tries: done.tries })) : "";
  return el("div", { class: "computation" }, done.plot ? drawPlot(done, byId("turns").clientWidth) : "", result, more, unsure,
    el("details", {}, el("summary", {}, t("computed_from", { from, behind })), el("pre", {}, done.sql), downloadCsv(done)));
}

/** A column of large numbers is grouped by thousands, all of it; small ones may be years. */
function cellText(value, grouped) {
  if (value === null) return "";
  return typeof value === "number" && grouped ? value.toLocaleString(document.documentElement.lang || undefined, { maximumFractionDigits: 6 }) : String(value);
}

function downloadCsv(done) {
  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const text = [done.columns, ...done.rows].map((row) => row.map(quoted).join(",")).join("\r\n");
  const told = done.row_count > done.rows.length ? t("download_csv_part", { n: done.rows.length }) : t("download_csv");
  return el("a", { download: "result.csv", href: `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${text}`)}` }, told);
}

function drawMode(answer) {
  if (answer.mode === "computed") return el("p", { class: "mode" }, el("span", { class: "pill" }, answer.model ? t("mode_computed_model", { model: answer.model }) : t("mode_computed")));
  const extractive = answer.mode === "extractive";
  return el("p", { class: "mode" },
    el("span", { class: extractive ? "pill quoted" : "pill" }, extractive ? t("mode_extractive") : t("mode_model", { model: answer.model })),
    answer.dropped ? el("span", { class: "pill warned" }, t("dropped", { n: answer.dropped })) : "");
}

/** Why the graph led to a passage: the facts it states, else the names it shares and with which passage. */
function drawPath(turn, evidence) {
  const titles = new Map(turn.evidence.map((other) => [other.passage.id, other.title || other.source]));
  const facts = evidence.facts.map((fact) => el("span", { class: fact.superseded ? "fact old" : "fact" }, `${fact.subject} — ${fact.predicate} — ${fact.object}`));
  const names = evidence.connections.map((link) => el("span", { class: "name", title: link.passage_id ? t("also_in", { title: titles.get(link.passage_id) ?? "" }) : t("in_question") }, link.entity));
  return names.length || facts.length ? el("span", { class: "path" }, t("connected_by"), ...names, ...facts) : "";
}

/** The beginning of a passage, without the signs that Markdown writes before headings. */
function shortText({ text }) {
  const plain = text.slice(0, 480).replace(/^#{1,6}\s+/gm, "");
  return text.length > 400 ? `${plain.slice(0, 400)}…` : plain;
}

function drawEvidence(turn) {
  const refused = Boolean(turn.answer?.refusal || turn.error);
  const cited = new Set(turn.statements.flatMap((statement) => statement.citations.map((citation) => citation.passage_id)));
  const rows = turn.evidence.map((evidence) => {
    const { passage } = evidence;
    const where = [evidence.title || evidence.source, ...passage.headings, passage.page ? t("page", { n: passage.page }) : ""];
    return el("li", {}, el("button", {
      type: "button", class: cited.has(passage.id) ? "passage-card cited" : "passage-card",
      onclick: (event) => {
        choose(event.currentTarget);
        openSource({ document_id: passage.document_id, source: evidence.source, page: passage.page, passage: [passage.start, passage.end] });
      },
    },
    el("span", { class: "passage-where" }, where.filter((part, i) => part && part !== where[i - 1]).join(" › ")),
    passage.table_header.length ? el("span", { class: "passage-header" }, passage.table_header.join(" | ")) : "",
    el("span", { class: passage.kind === "table_rows" ? "passage-text rows" : "passage-text" }, shortText(passage)),
    drawPath(turn, evidence),
    el("span", { class: "ranks" }, evidence.found_by.map((found) => el("span", { class: `rank ${found.retriever}`, title: t("found_by", { name: t(found.retriever), rank: found.rank }) }, `${t(found.retriever)} ${found.rank}`)))));
  });
  return el("details", { class: "evidence", open: turn.opened ?? refused },
    el("summary", { onclick: (event) => { turn.opened = !event.currentTarget.parentNode.open; } }, refused ? t("nearest") : t("evidence", { n: turn.evidence.length })), el("ol", {}, rows));
}
