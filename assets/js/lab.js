/* What the other scripts share: the theme's colours, navigation, motion, typed arrays. */
window.lab = window.lab || {};
(() => {
  const lab = window.lab;

  /* Show the live page once its first chart is drawn, or at once where it has none. */
  const ready = () => {
    const page = document.querySelector("#react-entry-point main article");
    const late = performance.now() > 15_000; /* a chart that cannot be drawn must not keep the page dead */
    if (!page || (!late && page.querySelector(".dash-graph") && !page.querySelector(".js-plotly-plot .main-svg"))) return false;
    document.documentElement.dataset.ready = "1";
    document.getElementById("first-paint")?.remove();
    window.dispatchEvent(new Event("resize"));
    return true;
  };
  const arriving = new MutationObserver(() => ready() && arriving.disconnect());
  arriving.observe(document.documentElement, { childList: true, subtree: true });
  setTimeout(() => ready() && arriving.disconnect(), 15_100);

  /* Draw new charts one after the other, with a breath between them: the first one is on screen while
     the others wait, instead of all of them after a second of silence. */
  const takeTurns = (plotly) => {
    const react = plotly.react;
    let turn = Promise.resolve();
    const breath = () => new Promise((next) => setTimeout(next, 0));
    plotly.react = (gd, ...rest) => {
      if (gd._fullLayout) return react(gd, ...rest);
      const drawn = turn.then(breath).then(() => (gd.isConnected ? react(gd, ...rest) : gd));
      turn = drawn.catch(() => {});
      return drawn;
    };
  };
  if (window.Plotly) takeTurns(window.Plotly);

  lab.theme = () => document.documentElement.getAttribute("data-bs-theme") || "light";
  lab.themeSpec = () => (lab._spec ||= JSON.parse(document.getElementById("theme-spec").textContent));
  lab.colours = () => lab.themeSpec()[lab.theme()];

  lab.stillMotion = () =>
    document.documentElement.dataset.motion === "off" || matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* Go to an address as dcc.Link does, so that the page's router sees it. */
  lab.navigate = (url) => {
    window.history.pushState({}, "", url);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  };

  /* A thumb on a chart without a step cursor scrolls the page instead of zooming the chart. */
  const plain = (event) => event.target.closest?.('.chart-plot[data-view=""] .js-plotly-plot') && event.stopPropagation();
  document.addEventListener("touchstart", plain, { capture: true, passive: true });

  /* Parse numpy's .npy format (little-endian integers and floats). */
  lab.parseNpy = (buffer) => {
    const view = new DataView(buffer);
    const long = view.getUint8(6) > 1;
    const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
    const start = (long ? 12 : 10) + length;
    const header = new TextDecoder("latin1").decode(new Uint8Array(buffer, start - length, length));
    const kind = header.match(/'descr':\s*'([^']+)'/)[1];
    const shape = header.match(/'shape':\s*\(([^)]*)\)/)[1].split(",").filter((s) => s.trim()).map(Number);
    const types = { "<i2": Int16Array, "<f4": Float32Array, "<f8": Float64Array, "|i1": Int8Array, "|u1": Uint8Array };
    const values = new types[kind](buffer.slice(start));
    return { shape, values };
  };

  lab.fetchArray = async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return lab.parseNpy(await answer.arrayBuffer());
  };

  /* 256 colours of the diverging scale as RGBA words, for painting pixels. */
  lab.palette = () => {
    const theme = lab.theme();
    lab._palettes ||= {};
    if (!lab._palettes[theme]) {
      const stops = lab.colours().diverging.map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
      const words = new Uint32Array(256);
      for (let i = 0; i < 256; i++) {
        const at = (i / 255) * (stops.length - 1);
        const low = Math.min(Math.floor(at), stops.length - 2);
        const [r, g, b] = stops[low].map((c, j) => Math.round(c + (stops[low + 1][j] - c) * (at - low)));
        words[i] = (255 << 24) | (b << 16) | (g << 8) | r;
      }
      lab._palettes[theme] = words;
    }
    return lab._palettes[theme];
  };

  /* Pictures that are no plotly charts, for downloads: id -> () => { svg, width, height }. */
  lab.drawings = {};

  lab.signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
  lab.graph = (id) => document.getElementById(id)?.querySelector(".js-plotly-plot");
})();
