// The left column: files in, the list, files out.

import * as api from "./api.js";
import { byId, el, icon } from "./dom.js";
import { reason, t } from "./words.js";

const PAGE = 200;
const POLL = 700;
const AT_ONCE = 2;
const DRAWN = 20; // uploads; of a whole folder the rest is counted
const FIRST = ["uploading", "working", "refused_file", "cancelled", "stored_with_warning", "waiting"];

let listed = [];
let more = false;
let uploads = [];
let limitBytes = Infinity;
let running = 0;
let polling = false;
let open = () => {};
let changed = () => {};

export function start(onOpen, onChange) {
  open = onOpen;
  changed = onChange;
  const drop = byId("drop");
  byId("files").addEventListener("change", (event) => {
    take([...event.target.files]);
    event.target.value = "";
  });
  let depth = 0;
  window.addEventListener("dragenter", (event) => { event.preventDefault(); depth++; drop.classList.add("over"); });
  window.addEventListener("dragleave", () => { if (--depth <= 0) drop.classList.remove("over"); });
  window.addEventListener("dragover", (event) => event.preventDefault());
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    drop.classList.remove("over");
    takeDropped(event.dataTransfer);
  });
  byId("more-documents").addEventListener("click", () => load(listed.length));
}

export function setLimit(bytes) {
  limitBytes = bytes;
}

/** Files, and the files in folders. Hidden ones and the lock files of office programs are no documents. */
async function takeDropped({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry); // now: later they are gone
  if (!entries.some((entry) => entry.isDirectory)) return take([...files]);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  if (found.length) return take(found);
  byId("status").textContent = t("empty_folder");
  return undefined;
}

async function walk(entry, found) {
  if (/^(\.|~\$|Thumbs\.db$)/.test(entry.name)) return;
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    if (file) found.push(Object.assign(file, { within: entry.fullPath.replace(/^\//, "") }));
    return;
  }
  const reader = entry.createReader(); // hands out a part at a time
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
}

/** All that are stored, also those not listed yet. */
export function setTotal(count) {
  byId("document-count").textContent = count ? count.toLocaleString(document.documentElement.lang) : "";
}

function take(files) {
  for (const file of files) {
    const entry = { name: file.within ?? file.name, file, state: "waiting", share: 0, message: "" };
    if (file.size > limitBytes) {
      Object.assign(entry, { state: "refused_file", message: t("too_large", { limit: Math.round(limitBytes / 1048576) }) });
    }
    uploads.unshift(entry);
  }
  pump();
  drawUploads();
}

function pump() {
  while (running < AT_ONCE) {
    const next = uploads.findLast((entry) => entry.state === "waiting" && entry.file);
    if (!next) return;
    running++;
    sendOne(next).finally(() => { running--; pump(); });
  }
}

async function sendOne(entry) {
  entry.state = "uploading";
  try {
    const job = await api.upload(entry.file, (share) => { entry.share = share; drawUploads(); });
    Object.assign(entry, { state: "working", job: job.id, name: job.label.replace(/^uploads\//, "") });
    uploads = uploads.filter((other) => other === entry || other.job !== job.id); // it was seen open before its answer came
    poll();
  } catch (error) {
    if (error.status === 401) {
      entry.state = "waiting";
      await api.askForKey();
    } else {
      Object.assign(entry, { state: "refused_file", message: `${error.message} ${error.hint ?? ""}`.trim() });
    }
  }
  if (entry.state !== "waiting") entry.file = null;
  drawUploads();
}

/** Jobs that were open before this page was, too: a folder added on the command line. */
export async function followOpenJobs() {
  for (const job of (await api.jobs()).jobs) {
    const known = uploads.some((entry) => entry.job === job.id);
    if (job.state === "open" && !known) uploads.push({ name: job.label, state: "working", job: job.id, share: 0, message: "" });
  }
  drawUploads();
  poll();
}

async function poll() {
  if (polling) return;
  polling = true;
  try {
    for (;;) {
      const working = uploads.filter((entry) => entry.state === "working");
      if (!working.length) return;
      const states = new Map((await api.jobs()).jobs.map((job) => [job.id, job]));
      let ended = false;
      for (const entry of working) {
        const job = states.get(entry.job) ?? (await api.job(entry.job)).job;
        entry.of = job.total > 1 ? `${job.finished}/${job.total}` : "";
        if (job.state === "open") continue;
        ended = true;
        settle(entry, (await api.job(entry.job)).items, job);
      }
      drawUploads();
      if (ended) await load(0);
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  } catch (error) {
    setTimeout(poll, 5 * POLL); // the server is away: look again later
    console.warn(error);
  } finally {
    polling = false;
  }
}

function settle(entry, items, job) {
  const told = items.map((item) => item.outcome).filter((outcome) => outcome);
  const worst = ["refused", "cancelled", "stored_with_warning", "stored", "unchanged"].find((status) => told.some((o) => o.status === status));
  entry.state = worst === "refused" ? "refused_file" : (worst ?? job.state);
  entry.outcomes = told.filter((o) => o.message).slice(0, 3);
  if (entry.state === "stored" || entry.state === "unchanged") {
    setTimeout(() => { uploads = uploads.filter((other) => other !== entry); drawUploads(); }, 6000);
  }
}

/** What is under way first, then what needs attention, then what waits. */
function drawUploads() {
  const turn = (entry) => (FIRST.indexOf(entry.state) + 1 || FIRST.length + 1);
  const shown = uploads.length > DRAWN ? [...uploads].sort((a, b) => turn(a) - turn(b)).slice(0, DRAWN) : uploads;
  const rest = uploads.length - shown.length;
  const more = rest ? [el("li", { class: "nothing" }, t("more_uploads", { n: rest }))] : [];
  byId("uploads").replaceChildren(...shown.map((entry) => {
    const ended = !["waiting", "uploading", "working"].includes(entry.state);
    const said = entry.state === "uploading" ? t("uploading", { percent: Math.round(entry.share * 100) }) : t(entry.state);
    const bar = el("progress", { max: 1, "aria-label": entry.name });
    if (entry.state === "uploading") bar.value = entry.share;
    return el("li", { class: `upload ${entry.state}` },
      el("div", { class: "upload-line" },
        el("span", { class: "upload-name", title: entry.name }, entry.name),
        el("span", { class: "upload-state" }, said, entry.of ? ` ${entry.of}` : ""),
        ended && el("button", { type: "button", class: "icon-button small", "aria-label": t("clear_upload", { name: entry.name }),
          onclick: () => { uploads = uploads.filter((other) => other !== entry); drawUploads(); } }, icon("close")) || ""),
      ended ? "" : bar,
      (entry.outcomes ?? []).map((outcome) => el("p", { class: "upload-message", title: outcome.message }, reason(outcome))),
      entry.message ? el("p", { class: "upload-message" }, entry.message) : "");
  }), ...more);
}

export async function load(offset = 0) {
  const page = await api.documents(offset ? PAGE : Math.max(PAGE, Math.min(listed.length, 1000)), offset);
  listed = offset ? [...listed, ...page.documents] : page.documents;
  more = page.more;
  draw();
  changed();
}

export function draw() {
  drawUploads();
  byId("more-documents").hidden = !more;
  const rows = listed.map((summary) => {
    const name = summary.source.split("/").pop();
    const kind = (name.includes(".") ? name.split(".").pop() : "txt").slice(0, 4).toUpperCase();
    const size = summary.page_count ? t("pages", { n: summary.page_count }) : t("characters", { n: summary.characters.toLocaleString() });
    const warned = summary.outcome.status === "stored_with_warning";
    return el("li", { class: "document" },
      el("button", { type: "button", class: "document-open", "aria-label": t("open_one", { source: summary.source }), title: summary.source, onclick: () => open({ document_id: summary.id, source: summary.source }) },
        el("span", { class: "kind", "aria-hidden": "true" }, kind),
        el("span", { class: "document-names" },
          el("span", { class: "document-title" }, summary.title || name),
          el("span", { class: "document-note" }, el("span", { class: "document-file" }, name), el("span", { class: "document-size" }, ` · ${size}`)),
          warned ? el("span", { class: "document-warning", title: summary.outcome.message }, reason(summary.outcome)) : "")),
      el("button", { type: "button", class: "icon-button small bin", "aria-label": t("remove_one", { source: summary.source }), onclick: () => remove(summary) }, icon("bin")));
  });
  byId("document-list").replaceChildren(...(rows.length ? rows : [el("li", { class: "nothing" }, t("no_documents_yet"))]));
}

async function remove(summary) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = t("remove_text", { source: summary.source });
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "yes") return;
  try {
    await api.removeDocument(summary.source);
    byId("status").textContent = t("removed", { source: summary.source });
  } catch (error) {
    byId("status").textContent = error.message;
  }
  await load(0);
}
