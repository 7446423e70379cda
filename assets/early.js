/* Runs before the first paint: the theme on the document, and in a cookie for the server's figures. */
(() => {
  const wanted = localStorage.getItem("theme") || "system";
  const dark = wanted === "dark" || (wanted === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = dark ? "dark" : "light";
  document.documentElement.setAttribute("data-bs-theme", theme);
  document.documentElement.dataset.motion = localStorage.getItem("motion") || "on";
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
})();
