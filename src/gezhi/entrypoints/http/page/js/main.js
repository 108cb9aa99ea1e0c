import * as api from "./api.js";
import * as conversation from "./conversation.js";
import * as documents from "./documents.js";
import { byId } from "./dom.js";
import * as source from "./source.js";
import { switchLanguage, t, translatePage } from "./words.js";

const root = document.documentElement;
let state = null;

function drawStatus() {
  byId("language").textContent = t("other_language");
  if (state) byId("status").textContent = t("status_line", { documents: state.store.sources, model: state.chat_model ?? t("no_model") });
  byId("status").title = state?.warnings.join("\n") ?? "";
}

async function refresh() {
  try {
    state = await api.status();
    documents.setLimit(state.limits.max_upload_bytes);
    documents.setTotal(state.store.sources);
    drawStatus();
  } catch (error) {
    byId("status").textContent = error.message;
  }
}

function isDark() {
  return (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

function showDocuments(shown) {
  byId("house").classList.toggle("with-documents", shown);
  byId("show-documents").setAttribute("aria-expanded", String(shown));
}

byId("language").addEventListener("click", () => {
  switchLanguage();
  drawStatus();
  documents.draw();
  conversation.draw();
});
byId("theme").addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  localStorage.setItem("gezhi-theme", root.dataset.theme);
});
byId("show-documents").addEventListener("click", () => showDocuments(!byId("house").classList.contains("with-documents")));

const openSource = (place) => {
  showDocuments(false);
  return source.open(place);
};

translatePage();
drawStatus();
source.start();
conversation.start(openSource);
documents.start(openSource, refresh);
conversation.draw();
await refresh();
try {
  await documents.load();
  await documents.followOpenJobs();
} catch (error) {
  byId("status").textContent = error.message;
}
byId("question").focus();
