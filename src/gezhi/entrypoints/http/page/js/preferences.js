// Runs before the page is drawn, so that it never flashes in the wrong theme or language.
(() => {
  const root = document.documentElement;
  const theme = localStorage.getItem("gezhi-theme");
  if (theme) root.dataset.theme = theme;
  const wanted = localStorage.getItem("gezhi-language") || navigator.language || "en";
  root.lang = wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
})();
