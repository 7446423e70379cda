/* Theme switch, presentation mode, motion switch, menu, chart downloads: everything that is a click. */
(() => {
  const lab = window.lab;

  /* The theme's template; in presentation mode with larger type and the room it needs. */
  lab.template = () => {
    const template = structuredClone(lab.colours().template);
    if (!document.documentElement.classList.contains("presenting")) return template;
    const larger = (value) => {
      if (!value || typeof value !== "object") return;
      for (const key of Object.keys(value)) {
        if (key === "size" && typeof value.size === "number") value.size *= 1.5;
        else larger(value[key]);
      }
    };
    larger(template.layout);
    return template;
  };

  const recolour = (gd) => {
    const c = lab.colours();
    gd.data.forEach((trace, i) => {
      const role = trace.meta?.role;
      if (role === "weights") window.Plotly.restyle(gd, { colorscale: [c.colorscale] }, [i]);
      else if (role && c.roles[role]) {
        const change = trace.type === "bar" ? { "marker.color": c.roles[role] } : { "line.color": c.roles[role], "marker.color": c.roles[role] };
        window.Plotly.restyle(gd, change, [i]);
      }
    });
    window.Plotly.relayout(gd, { template: lab.template() });
    gd.dataset.theme = lab.theme();
  };

  lab.recolourAll = () => {
    document.querySelectorAll(".js-plotly-plot").forEach((gd) => gd._fullLayout && recolour(gd));
    document.dispatchEvent(new CustomEvent("lab:theme"));
  };

  const setTheme = (wanted) => {
    localStorage.setItem("theme", wanted);
    const dark = wanted === "dark" || (wanted === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    const theme = dark ? "dark" : "light";
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    document.documentElement.setAttribute("data-bs-theme", theme);
    lab.recolourAll();
    labelTheme();
  };

  const labelTheme = () => {
    const wanted = localStorage.getItem("theme") || "system";
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      button.querySelector(".glyph").className = `glyph glyph-${{ system: "circle-half", light: "sun", dark: "moon-stars" }[wanted]}`;
      button.setAttribute("aria-label", `Theme: ${wanted}. Change it.`);
      button.title = `Theme: ${wanted} (D changes it)`;
    });
  };

  const nextTheme = () => {
    const order = ["system", "light", "dark"];
    setTheme(order[(order.indexOf(localStorage.getItem("theme") || "system") + 1) % 3]);
  };

  const present = () => {
    const on = document.documentElement.classList.toggle("presenting");
    if (on && document.documentElement.requestFullscreen) document.documentElement.requestFullscreen().catch(() => {});
    if (!on && document.fullscreenElement) document.exitFullscreen();
    requestAnimationFrame(() => {
      window.dispatchEvent(new Event("resize"));
      lab.recolourAll();
    });
  };

  const labelMotion = () =>
    document.querySelectorAll("[data-motion='1']").forEach((b) => (b.textContent = `Motion: ${document.documentElement.dataset.motion}`));

  const toggleMotion = () => {
    const motion = document.documentElement.dataset.motion === "off" ? "on" : "off";
    localStorage.setItem("motion", motion);
    document.documentElement.dataset.motion = motion;
    labelMotion();
  };

  const save = (url, name) => {
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
  };

  /* A picture that is no plotly chart: as it is, or painted at twice its size. */
  const downloadDrawing = async ({ svg, width, height }, format, name) => {
    const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    if (format === "svg") save(url, `${name}.svg`);
    else {
      const [picture, canvas] = [new Image(2 * width, 2 * height), document.createElement("canvas")];
      picture.src = url;
      await picture.decode();
      [canvas.width, canvas.height] = [2 * width, 2 * height];
      canvas.getContext("2d").drawImage(picture, 0, 0, 2 * width, 2 * height);
      save(canvas.toDataURL("image/png"), `${name}.png`);
    }
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  const download = async (button) => {
    const drawing = lab.drawings?.[button.dataset.graph];
    if (drawing) return downloadDrawing(drawing(), button.dataset.download, button.dataset.graph);
    const gd = lab.graph(button.dataset.graph);
    if (!gd) return;
    const format = button.dataset.download;
    const { data, layout } = lab.exported ? lab.exported(gd) : gd;
    const figure = { data, layout: { ...layout, paper_bgcolor: lab.colours().surface.page } };
    const size = { width: gd.clientWidth, height: gd.clientHeight };
    await window.Plotly.downloadImage(figure, { format, ...size, scale: format === "png" ? 2 : 1, filename: `${button.dataset.graph}` });
  };

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit("[data-theme-toggle]")) nextTheme();
    else if (hit("[data-present]")) present();
    else if (hit("[data-motion='1']")) toggleMotion();
    else if (hit("[data-download]")) download(hit("[data-download]"));
    const menu = hit("[data-nav-toggle]");
    const header = document.querySelector(".site-header");
    if (header) {
      const open = menu ? !header.classList.contains("open") : false;
      header.classList.toggle("open", open);
      header.querySelector("[data-nav-toggle]")?.setAttribute("aria-expanded", String(open));
    }
  });

  document.addEventListener("change", (event) => {
    const picker = event.target.closest("[data-run-picker]");
    if (picker) lab.navigate(`${window.location.pathname}?run=${encodeURIComponent(picker.value)}`);
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "d") nextTheme();
    if (key === "f") present();
    if (key === "escape" && document.activeElement?.closest(".note-popover")) document.activeElement.blur();
    if (event.key === "Escape" && document.documentElement.classList.contains("presenting")) present();
  });

  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && document.documentElement.classList.contains("presenting")) present();
  });

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if ((localStorage.getItem("theme") || "system") === "system") setTheme("system");
  });

  const labelled = new MutationObserver(() => {
    if (document.querySelector("[data-theme-toggle]")) {
      labelled.disconnect();
      labelTheme();
      labelMotion();
    }
  });
  labelled.observe(document.documentElement, { childList: true, subtree: true });

  /* Mark the page we are on in the navigation. */
  const markPage = () =>
    document.querySelectorAll(".nav-item").forEach((link) => {
      const here = link.getAttribute("href") === window.location.pathname;
      here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    });
  new MutationObserver(markPage).observe(document.documentElement, { childList: true, subtree: true });
})();
