// The public HTTP API, as any other client uses it.

import { byId } from "./dom.js";
import { t } from "./words.js";

const KEY = "gezhi-key";
let asking = null;

export class ApiError extends Error {
  constructor(error, status = 0) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint ?? "";
    this.status = status;
  }
}

export const authorization = () => {
  const key = sessionStorage.getItem(KEY);
  return key ? { Authorization: `Bearer ${key}` } : {};
};

/** Ask for the key in a dialog; several requests share one dialog. */
export function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = byId("key");
    byId("key-text").textContent = t(sessionStorage.getItem(KEY) ? "key_wrong" : "key_text");
    byId("key-value").value = "";
    dialog.addEventListener("close", () => {
      const key = byId("key-value").value.trim();
      // a header takes Latin-1 only
      if (/^[\x21-\x7e]+$/.test(key)) sessionStorage.setItem(KEY, key);
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

async function send(path, options = {}) {
  for (;;) {
    let response;
    try {
      response = await fetch(path, { ...options, headers: { ...options.headers, ...authorization() } });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError({ code: "network", message: t("network") });
    }
    if (response.status === 401) {
      await askForKey();
      continue;
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

async function errorOf(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // not ours: a proxy's page
  }
  return new ApiError(body?.error ?? { code: "http", message: `HTTP ${response.status}` }, response.status);
}

const json = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const status = async () => (await send("/api/v1/status")).json();
export const documents = async (limit, offset) => (await send(`/api/v1/documents?limit=${limit}&offset=${offset}`)).json();
export const documentText = async (name) => (await send(`/api/v1/documents/${encodeURIComponent(name)}?tables=false`)).json();
export const removeDocument = async (name) => (await send(`/api/v1/documents/${encodeURIComponent(name)}`, { method: "DELETE" })).json();
export const jobs = async () => (await send("/api/v1/jobs?limit=200")).json();
export const job = async (id) => (await send(`/api/v1/jobs/${encodeURIComponent(id)}`)).json();

/** Events of an answer under way: {event, data}. Aborting the signal stops the model. */
export async function* answer(question, history, signal) {
  const response = await send("/api/v1/answers", { ...json({ question, history, stream: true }), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    let end;
    while ((end = rest.indexOf("\n\n")) >= 0) {
      const found = parse(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (found) yield found;
    }
  }
}

function parse(block) {
  let event = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  return data ? { event, data: JSON.parse(data) } : null;
}

/** Upload one file; `onShare` gets the share sent so far. fetch cannot tell, so this is an XMLHttpRequest. */
export function upload(file, onShare) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/documents");
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onShare(event.loaded / event.total));
    request.addEventListener("error", () => reject(new ApiError({ code: "network", message: t("network") })));
    request.addEventListener("load", () => {
      if (request.status === 202) resolve(request.response.jobs[0]);
      else reject(new ApiError(request.response?.error ?? { code: "http", message: `HTTP ${request.status}` }, request.status));
    });
    const form = new FormData();
    form.append("files", file, file.within ?? file.name);
    request.send(form);
  });
}
