/* The controls of information as distinctions: every slider and preset is answered here, without a request,
   and the address holds what differs from the start. */
(() => {
  const lab = window.lab;

  class Distinctions {
    constructor(spec) {
      Object.assign(this, { spec, values: { ...spec.values }, abort: new AbortController(), pareto: true, chosen: [14, 5] });
      this.root = document.getElementById("distinctions");
      lab.ranges(this.root);
      this.line = Array.from({ length: 61 }, (_, i) => {
        const x = Math.log(0.2) + ((Math.log(5) - Math.log(0.2)) * i) / 60;
        return [x, lab.information.telegraph(Math.exp(x))];
      });
      this.compute();
      this.sheets = new Map(
        Object.entries(lab.distinctionViews).map(([id, view]) => {
          const sheet = new lab.Sheet(document.getElementById(id), (width) => view.arrange(width, this.found));
          sheet.changed = () => this.request();
          lab.drawings[id] = () => sheet.export();
          return [id, { view, sheet }];
        })
      );
      const signal = this.abort.signal;
      const on = (target, type, handler) => target.addEventListener(type, handler, { signal });
      on(this.root, "input", (event) => this.set(event.target));
      on(this.root, "click", (event) => this.click(event.target));
      on(document, "lab:theme", () => this.refresh());
      const map = document.getElementById("storm-heatmap");
      for (const type of ["pointermove", "pointerdown"]) on(map, type, (event) => this.point(event));
      map.tabIndex = 0;
      on(map, "keydown", (event) => this.key(event));
      this.show();
    }

    /* Everything that is drawn or said, from the values of the sliders. */
    compute() {
      const v = this.values;
      const info = lab.information;
      const started = performance.now();
      const table = info.diagnosis({ prevalence: v.prevalence, sA: v.sensitivity_a, cA: v.specificity_a, sB: v.sensitivity_b, cB: v.specificity_b });
      const noise = Math.exp(v.log_noise);
      const stormy = [v.p00, v.p01, v.p10, v.p11];
      const errors = info.storm(stormy);
      const sd = Math.exp(-0.75);
      const means = [v.mean_a, -0.5, 0.8, 1.2];
      this.found = {
        table, found: info.tests(table), noise, carried: info.telegraph(noise), line: this.line, stormy, errors, front: info.front(errors),
        whole: info.binary(stormy.reduce((sum, p) => sum + p, 0) / 4), pareto: this.pareto, chosen: this.chosen, means, sd,
        kl: means.reduce((sum, mean) => sum + info.kl(mean, -1.5), 0) / 4,
        embedded: info.mixture(means, [sd, sd, sd, sd], [0.25, 0.25, 0.25, 0.25]),
      };
      this.computeMs = performance.now() - started;
    }

    set(slider) {
      if (!(slider.name in this.values)) return;
      this.values[slider.name] = Number(slider.value);
      this.change();
    }

    change() {
      this.compute();
      const sheet = this.sheets.get("telegraph-line").sheet;
      sheet.panels = null; /* its axes follow the noise */
      this.show();
    }

    click(target) {
      const preset = target.closest("[data-preset]");
      const buy = target.closest("[data-buy]");
      if (preset) {
        const values = JSON.parse(preset.dataset.preset);
        for (const [name, value] of Object.entries(values)) this.values[name] = value === null ? Math.round(100 * Math.random()) / 100 : value;
        if ("prevalence" in values) this.bought = null;
        this.change();
      }
      if (buy) {
        this.bought = buy.dataset.buy;
        this.show();
      }
      if (target.closest("[data-pareto]")) {
        this.pareto = !this.pareto;
        this.found.pareto = this.pareto;
        this.show();
      }
    }

    choose(i, j) {
      const last = lab.information.LEVELS - 1;
      this.chosen = [i, j].map((v) => Math.max(0, Math.min(last, v)));
      this.found.chosen = this.chosen;
      this.show();
    }

    point(event) {
      const { panel, px, py } = this.sheets.get("storm-heatmap").sheet.under(event);
      if (panel) this.choose(...panel.at(px, py).map(Math.floor));
    }

    key(event) {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!by) return;
      event.preventDefault();
      this.choose(this.chosen[0] + by[0], this.chosen[1] + by[1]);
    }

    show() {
      for (const [name, value] of Object.entries(this.values)) {
        const slider = this.root.querySelector(`[name="${name}"]`);
        if (!slider) continue;
        slider.value = value;
        const shown = (name === "log_noise" ? Math.exp(value) : value).toFixed(2).replace("-", "−");
        document.getElementById(`${slider.id}-value`).textContent = shown;
        slider.setAttribute("aria-valuetext", name === "log_noise" ? `${shown} V` : shown);
      }
      this.say();
      this.request();
      clearTimeout(this.idle);
      this.idle = setTimeout(() => this.address(), 250);
    }

    say() {
      const { found, carried, noise, chosen, errors, whole, front, kl, embedded } = this.found;
      const set = (id, text) => {
        const place = document.getElementById(id);
        if (place.textContent !== text) place.textContent = text;
      };
      const equal = Math.abs(found.a - found.b) < 0.0005;
      const better = equal ? "They tell the same" : `Test ${found.a > found.b ? "A" : "B"} tells more`;
      const right = !equal && this.bought === (found.a > found.b ? "A" : "B") ? "A good choice. " : "";
      const told = `${better}: A ${found.a.toFixed(4)} bits, B ${found.b.toFixed(4)}, both together ${found.both.toFixed(4)} of ${found.whole.toFixed(4)}. `;
      const more = found.both < found.a + found.b - 0.0005 ? `That is ${(found.a + found.b - found.both).toFixed(4)} bits less than their sum: part of what they tell is the same.` : "Nothing of it is told twice.";
      set("disease-answer", this.bought ? right + told + more : "Choose one, and the bits are counted.");
      this.root.querySelectorAll("[data-buy]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.buy === this.bought)));
      set("disease-tests-summary", told + more);
      set("telegraph-said", `At σ = ${noise.toFixed(2)} V the line carries ${carried.toFixed(4)} of 1 bit.`);
      const n = lab.information.LEVELS;
      const [i, j] = chosen;
      const left = errors[i * n + j];
      const [a, b] = front[n - 1];
      const best = whole - Math.min(...errors) > 1e-9 ? `With one bit in all, the best is ${(a / (n - 1)).toFixed(2)} from town 1 and ${(b / (n - 1)).toFixed(2)} from town 2.` : "The towns tell nothing of the storm: every allocation is as good as any.";
      set("storm-said", `${(i / (n - 1)).toFixed(2)} bits from town 1 and ${(j / (n - 1)).toFixed(2)} from town 2 leave ${left.toFixed(3)} of ${whole.toFixed(3)} bits unknown. ${best}`);
      for (const id of ["storm-heatmap-summary", "storm-telegraph-summary"]) set(id, `The storm is worth ${whole.toFixed(4)} bits. ${best}`);
      this.root.querySelector("[data-pareto]").setAttribute("aria-pressed", String(this.pareto));
      set("telegraph-line-summary", document.getElementById("telegraph-said").textContent);
      set("embedding-space-summary", `With A at ${this.values.mean_a.toFixed(2).replace("-", "−")} the price is ${kl.toFixed(3)} bits and the information ${embedded.toFixed(3)} bits.`);
      set("embedding-said", `KL to the prior ${kl.toFixed(3)} bits (${(kl * Math.LN2).toFixed(3)} nats), information ${embedded.toFixed(3)} bits of 2: the price is never less than what it buys.`);
    }

    request() {
      this.frame ||= requestAnimationFrame(() => this.draw());
    }

    refresh() {
      this.sheets.forEach(({ sheet }) => sheet.refresh());
    }

    draw() {
      this.frame = null;
      if (!this.root.isConnected) return this.unmount();
      const started = performance.now();
      this.sheets.forEach(({ view, sheet }) => sheet.draw((context, panel, index) => view.paint(context, panel, index, this.found)));
      this.changeMs = this.computeMs + performance.now() - started;
    }

    address() {
      if (!this.root.isConnected) return;
      const url = new URL(window.location.href);
      for (const [name, value] of Object.entries(this.values)) value === this.spec.usual[name] ? url.searchParams.delete(name) : url.searchParams.set(name, Number(value.toFixed(4)));
      window.history.replaceState(window.history.state, "", url);
    }

    unmount() {
      this.abort.abort();
      this.sheets.forEach(({ sheet }) => sheet.watch.disconnect());
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.distinctions = {
    mount: (spec) => {
      lab.distinctions?.unmount();
      lab.distinctions = spec ? new Distinctions(spec) : null;
      return "mounted";
    },
  };
})();
