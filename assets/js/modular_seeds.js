/* The strip of seeds: a small loss chart on every button, a filter, and the choice of a run. */
(() => {
  const lab = window.lab;
  const SIZE = [84, 44];

  class Seeds {
    constructor(section) {
      this.section = section;
      this.root = document.getElementById("mod-bot-seeds");
      this.filter = document.getElementById("mod-seeds-filter");
      this.buttons = [...this.root.querySelectorAll("[data-seed-run]")];
      const signal = section.abort.signal;
      this.root.addEventListener("click", (event) => this.choose(event.target.closest("[data-seed-run]")), { signal });
      this.root.addEventListener("keydown", (event) => this.key(event), { signal });
      this.filter.addEventListener("change", () => this.show(), { signal });
      this.filter.value = Seeds.kept?.filter ?? "";
      this.show();
      this.refresh();
      if (Seeds.kept) requestAnimationFrame(() => window.scrollTo({ top: Seeds.kept.scroll, behavior: "instant" }) || (Seeds.kept = null));
    }

    choose(button) {
      if (!button || button.getAttribute("aria-pressed") === "true") return;
      Seeds.kept = { scroll: window.scrollY, filter: this.filter.value };
      lab.navigate(`${window.location.pathname}?run=${encodeURIComponent(button.dataset.seedRun)}`);
    }

    key(event) {
      const shown = this.buttons.filter((button) => !button.hidden);
      const at = shown.indexOf(document.activeElement);
      const row = Math.max(1, Math.floor(this.root.clientWidth / (SIZE[0] + 14)));
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row, Home: -at, End: shown.length }[event.key];
      if (at < 0 || by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      shown[Math.max(0, Math.min(shown.length - 1, at + by))].focus();
    }

    show() {
      const wanted = this.filter.value;
      this.buttons.forEach((button) => (button.hidden = wanted !== "" && button.dataset.tones !== wanted));
      const shown = this.buttons.filter((button) => !button.hidden).length;
      document.getElementById("mod-seeds-shown").textContent = wanted === "" ? "" : `${shown} shown.`;
    }

    refresh() {
      this.buttons.forEach((button) => this.paint(button));
    }

    paint(button) {
      const { curves: all, mark } = this.section.spec.seeds;
      const curves = all[button.dataset.seedRun];
      const ratio = window.devicePixelRatio || 1;
      const [w, h] = SIZE;
      const holder = button.querySelector(".seed-curve");
      const canvas = holder.querySelector("canvas") || holder.appendChild(document.createElement("canvas"));
      [canvas.width, canvas.height] = [w * ratio, h * ratio];
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.fillStyle = lab.colours().surface.plot;
      context.fillRect(0, 0, w, h);
      if (mark < 1) {
        context.fillStyle = lab.colours().surface.muted;
        context.fillRect(Math.round(w * mark), 0, 0.75, h);
      }
      for (const part of curves ? ["train", "test"] : []) {
        context.strokeStyle = lab.colours().roles[part];
        context.lineWidth = 1.5;
        context.setLineDash(part === "train" ? [2, 2] : []);
        context.beginPath();
        curves[part].forEach((height, i, heights) => context.lineTo((curves.share * w * i) / (heights.length - 1), h - 2 - ((h - 4) * height) / 100));
        context.stroke();
      }
    }

    draw() {}
  }

  (lab.viewFactories ||= []).push((section) => (section.spec.seeds && document.getElementById("mod-bot-seeds") ? [new Seeds(section)] : []));
})();
