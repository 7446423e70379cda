/* The map of a sweep: panels of cells of dots, a dot per model. The server sends three numbers per model; which
   outcome they mean is decided here, so that the thresholds recolour every dot without a request. */
(() => {
  const lab = window.lab;
  const NS = "http://www.w3.org/2000/svg";
  const CELL = 34;
  const LEFT = 44;
  const TOP = 24;
  const BOTTOM = 34;
  /* The outlines of the signs; which class has which sign the server says, once for all pages. */
  const SHAPES = {
    "■": "M-2.9,-2.9H2.9V2.9H-2.9Z",
    "○": "M-3.1,0a3.1,3.1 0 1,0 6.2,0a3.1,3.1 0 1,0 -6.2,0Z",
    "▲": "M0,-3.6L3.6,2.8H-3.6Z",
    "◆": "M0,-4.2L4.2,0L0,4.2L-4.2,0Z",
  };
  const RING = 4.9;
  const CROSS = "M-2.6,-2.6L2.6,2.6M-2.6,2.6L2.6,-2.6";
  const STOPS = { light: ["#fde725", "#5ec962", "#21918c", "#3b528b", "#440154"], dark: ["#3b2a6b", "#3b6a9b", "#21a18c", "#7ed962", "#fde725"] };
  const DEFAULTS = { color: "outcome", view: "models" };

  const svg = (name, attributes = {}, parent = null) => {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent?.append(element);
    return element;
  };
  const slug = (name) => name.replaceAll(" ", "-");
  /* Two digits are as fine as a slider can be set. */
  const rounded = (value) => Number(value.toPrecision(2));
  const short = (value) => (value >= 1e6 || (value > 0 && value < 1e-3) ? value.toExponential().replace("+", "").replace(/(\.\d\d)\d*e/, "$1e") : value.toLocaleString("en", { maximumSignificantDigits: 4 }));

  /* A cell's name as JavaScript writes its numbers: Python's 1e-05 is 0.00001 here. */
  const named = (cell) => cell.split(",").map((part) => (part && Number.isNaN(Number(part)) ? part : Number(part))).join(",");

  class SweepMap {
    constructor(root, spec) {
      Object.assign(this, { root, spec, abort: new AbortController() });
      this.host = root.querySelector("[data-sweep-map]");
      this.legend = root.querySelector("[data-sweep-legend]");
      this.defaults = { ...DEFAULTS, min_loss: spec.min_loss, max_ratio: spec.max_ratio };
      this.fixed = spec.fixed || {};
      this.state = this.read();
      this.bind();
      this.load();
    }

    shape(name) {
      return SHAPES[this.data.symbols[name]];
    }

    /* The whole state is in the address. */
    read() {
      const query = new URL(window.location.href).searchParams;
      const number = (name) => (Number(query.get(name)) > 0 ? Number(query.get(name)) : this.defaults[name]);
      return {
        min_loss: number("min_loss"), max_ratio: number("max_ratio"),
        color: query.get("color") || this.defaults.color, view: query.get("view") === "cells" ? "cells" : "models",
        panel: query.get("panel"), x: query.get("x"), cell: named(query.get("cell") || this.spec.cell), box: query.get("box"),
        added: query.get("added") === "1",
      };
    }

    write() {
      const url = new URL(window.location.href);
      const put = (name, value, usual) => (value === null || value === undefined || value === usual ? url.searchParams.delete(name) : url.searchParams.set(name, value));
      for (const name of Object.keys(this.defaults)) put(name, this.state[name], this.defaults[name]);
      for (const [name, value] of Object.entries(this.fixed)) put(name, value, this.spec.usual_fixed[name]);
      const [panel, x] = this.usual;
      put("panel", this.order[0].name, panel);
      put("x", this.order[1].name, x);
      put("cell", this.state.cell, named(this.spec.usual));
      put("box", this.state.box, "");
      put("added", this.state.added ? "1" : null);
      window.history.replaceState(window.history.state, "", url);
      const table = this.root.querySelector("[data-sweep-csv]");
      if (table) table.href = `${this.spec.csv}?min_loss=${this.state.min_loss}&max_ratio=${this.state.max_ratio}${this.state.added ? "&added=1" : ""}`;
    }

    async load() {
      try {
        const answer = await fetch(this.state.added ? `${this.spec.url}?added=1` : this.spec.url);
        if (!answer.ok) throw new Error((await answer.json()).error);
        this.all = await answer.json();
        this.all.added = this.all.run.map((_, i) => i >= this.all.own);
        this.build();
      } catch (error) {
        this.host.textContent = `The map cannot be drawn: ${error.message}`;
      }
    }

    /* The models that have the values that are fixed, and the axes that are left to show. */
    restricted() {
      const { all, fixed } = this;
      const held = all.axes.filter((axis) => axis.name in fixed);
      const kept = all.run.map((_, i) => i).filter((i) => held.every((axis) => axis.values[axis.place[i]] === fixed[axis.name]));
      const pick = (values) => kept.map((i) => values[i]);
      const each = (object, change) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
      return {
        ...all, models: kept, run: pick(all.run), seed: pick(all.seed), added: pick(all.added), verdict: pick(all.verdict),
        axes: all.axes.filter((axis) => !(axis.name in fixed)).map((axis) => ({ ...axis, place: pick(axis.place) })),
        extremes: each(all.extremes, pick), measures: each(all.measures, (measure) => ({ ...measure, values: pick(measure.values) })),
      };
    }

    /* Show the models with other values of what is fixed; the cell stays if it is there. */
    fix(fixed) {
      this.fixed = fixed;
      this.state.box = null;
      if (this.all) this.build();
    }

    /* Axes: the first one is the panel; the published figure has hidden_size descending across, train_size down. */
    build() {
      this.data = this.restricted();
      const axes = this.data.axes;
      while (axes.length < 3) axes.push({ name: `none-${axes.length}`, label: "", unit: "", values: [0], place: this.data.run.map(() => 0) });
      const names = axes.map((axis) => axis.name);
      /* Where fewer than three were swept, there is one panel; where only one was, one row. */
      this.usual = { 3: names, 2: [names[2], names[0], names[1]], 1: [names[1], names[0], names[2]] }[this.swept.length] || names;
      const called = (name) => axes.find((axis) => axis.name === name);
      const panel = called(this.state.panel) || called(this.usual[0]);
      const x = called(this.state.x) && called(this.state.x) !== panel ? called(this.state.x) : called(this.usual.find((name) => name !== panel.name));
      this.order = [panel, x, axes.find((axis) => axis !== panel && axis !== x)];
      if (!this.data.measures[this.state.color]) this.state.color = "outcome";
      this.controls();
      this.draw();
      this.choose();
      this.write();
      this.root.dataset.drawn = "1";
    }

    controls() {
      this.root.querySelector("[data-sweep-added]").setAttribute("aria-checked", String(this.state.added));
      this.root.toggleAttribute("data-with-added", this.state.added);
      for (const control of this.root.querySelectorAll("[data-sweep-control]")) {
        const name = control.dataset.sweepControl;
        if (name === "panel" || name === "x") {
          const own = this.order[name === "panel" ? 0 : 1].name;
          const fits = (each) => each === own || !each.startsWith("none-") || (name === "panel" && each === this.usual[0]);
          const offered = this.usual.filter((each) => fits(each) && (name === "panel" || each !== this.order[0].name));
          control.replaceChildren(...offered.map((each) => new Option(this.data.axes.find((axis) => axis.name === each).label || "–", each)));
          control.value = own;
        } else control.value = this.state[name];
      }
    }

    /* Column and row of a model; the x axis runs downwards where it is hidden_size, as in the source. */
    column(i) {
      const x = this.order[1];
      return x.name === "hidden_size" ? x.values.length - 1 - x.place[i] : x.place[i];
    }

    draw() {
      const [panel, x, y] = this.order;
      const [columns, rows] = [x.values.length, y.values.length];
      this.size = { width: LEFT + columns * CELL + 4, height: TOP + rows * CELL + BOTTOM, columns, rows };
      this.cells = new Map();
      this.dots = [];
      this.panels = panel.values.map((value, p) => this.drawPanel(p, value));
      const seats = Math.max(1, ...this.count());
      this.side = Math.ceil(Math.sqrt(seats));
      const taken = new Map();
      this.data.run.forEach((_, i) => {
        const key = this.keyOf(i);
        const seat = taken.get(key) || 0;
        taken.set(key, seat + 1);
        const pitch = (CELL - 4) / this.side;
        const at = [LEFT + this.column(i) * CELL + 2 + pitch * ((seat % this.side) + 0.5), TOP + y.place[i] * CELL + 2 + pitch * (Math.floor(seat / this.side) + 0.5)];
        const scale = Math.min(1, 3 / this.side);
        const there = { transform: `translate(${at}) scale(${scale})` };
        const dot = svg("path", there, this.panels[panel.place[i]].dots);
        if (this.data.added[i]) svg("circle", { ...there, r: RING, class: "ring" }, this.panels[panel.place[i]].dots);
        this.dots.push({ element: dot, at, panel: panel.place[i] });
        this.cells.get(key).models.push(i);
      });
      this.host.replaceChildren(...this.panels.map((each) => each.svg));
      this.colour();
    }

    count() {
      const counts = new Map();
      this.data.run.forEach((_, i) => counts.set(this.keyOf(i), (counts.get(this.keyOf(i)) || 0) + 1));
      return counts.values();
    }

    /* A cell is named by its values in the order of the sweep's own axes, whatever the view. */
    keyOf(i) {
      return this.swept.map((axis) => axis.values[axis.place[i]]).join(",");
    }

    /* The sweep's own axes, without those that only fill three. */
    get swept() {
      return this.data.axes.filter((axis) => !axis.name.startsWith("none-"));
    }

    drawPanel(p, value) {
      const [panel, x, y] = this.order;
      const { width, height, columns, rows } = this.size;
      const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "sweep-panel", "data-panel": p, "aria-hidden": "true" });
      picture.style.maxWidth = `${1.8 * width}px`; /* a small sweep need not be a poster */
      const text = (content, attributes) => (svg("text", attributes, picture).textContent = content);
      if (panel.label) text(`${panel.label} ${short(value)}`, { x: LEFT + (columns * CELL) / 2, y: 14, class: "panel-title" });
      const shown = x.name === "hidden_size" ? [...x.values].reverse() : x.values;
      if (x.label) shown.forEach((each, i) => text(short(each), { x: LEFT + (i + 0.5) * CELL, y: TOP + rows * CELL + 13, class: "tick" }));
      if (y.label) y.values.forEach((each, i) => text(short(each), { x: LEFT - 5, y: TOP + (i + 0.5) * CELL + 4, class: "tick end" }));
      text(x.label + (x.unit ? ` (${x.unit})` : ""), { x: LEFT + (columns * CELL) / 2, y: height - 5, class: "axis-title" });
      text(y.label, { transform: `translate(9 ${TOP + (rows * CELL) / 2}) rotate(-90)`, class: "axis-title" });
      const ground = svg("g", {}, picture);
      shown.forEach((xv, c) =>
        y.values.forEach((yv, r) => {
          const values = { [panel.name]: value, [x.name]: xv, [y.name]: yv };
          const key = this.swept.map((axis) => values[axis.name]).join(",");
          const box = { x: LEFT + c * CELL + 1, y: TOP + r * CELL + 1, width: CELL - 2, height: CELL - 2 };
          this.cells.set(key, { element: svg("rect", { ...box, rx: 2, class: "cell" }, ground), models: [], panel: p, column: c, row: r, values });
        })
      );
      return { svg: picture, dots: svg("g", { class: "dots" }, picture), box: svg("rect", { class: "brush", width: 0, height: 0 }, picture) };
    }

    outcome(i, e = this.data.extremes) {
      const { min_loss, max_ratio } = this.state;
      if (e.train[i] > min_loss) return 0;
      if (e.test[i] > min_loss) return 1;
      return e.ratio[i] < max_ratio ? 2 : 3;
    }

    /* Colour and symbol of every dot; this is all that a slider does. */
    colour() {
      const started = performance.now();
      this.outcomes = this.data.run.map((_, i) => this.outcome(i));
      const measure = this.data.measures[this.state.color];
      this.scale = measure && this.scaleOf(measure);
      const cells = this.state.view === "cells";
      this.root.dataset.view = this.state.view;
      this.dots.forEach(({ element }, i) => {
        if (cells) return;
        const name = this.data.outcomes[this.outcomes[i]];
        const value = measure?.values[i];
        const censored = measure && value === null;
        element.setAttribute("d", censored ? CROSS : this.shape(name));
        element.setAttribute("class", measure ? (censored ? "dot censored" : "dot measured") : `dot o-${slug(name)}`);
        element.style.fill = measure && !censored ? this.paint(value) : "";
      });
      for (const cell of this.cells.values()) this.colourCell(cell, cells, measure);
      this.drawLegend(measure);
      for (const name of ["min_loss", "max_ratio"]) {
        const readout = this.root.querySelector(`[data-sweep-readout="${name}"]`);
        if (readout) readout.textContent = `${short(this.state[name])}${name === "min_loss" ? " nats" : "×"}`;
      }
      document.dispatchEvent(new CustomEvent("lab:sweep", { detail: this }));
      this.root.dataset.recolourMs = (performance.now() - started).toFixed(1);
    }

    colourCell(cell, shown, measure) {
      const layer = cell.models.length && cell.models.every((i) => this.data.added[i]) ? " added" : "";
      cell.element.setAttribute("class", `cell${layer}`);
      cell.element.style.fill = "";
      cell.element.style.fillOpacity = "";
      if (!shown || !cell.models.length) return;
      if (measure) {
        const reached = cell.models.map((i) => measure.values[i]).filter((v) => v !== null).sort((a, b) => a - b);
        cell.element.style.fill = reached.length ? this.paint(reached[Math.floor((reached.length - 1) / 2)]) : "none";
        cell.element.style.fillOpacity = reached.length / cell.models.length;
        return;
      }
      const { outcome, agreement } = this.majority(cell);
      cell.element.setAttribute("class", `cell${layer} o-${slug(this.data.outcomes[outcome])}`);
      cell.element.style.fillOpacity = agreement;
    }

    majority(cell) {
      const own = cell.models.filter((i) => !this.data.added[i]);
      const voters = own.length ? own : cell.models; /* what was added does not recolour the sweep's own cells */
      const votes = this.data.outcomes.map((_, k) => voters.filter((i) => this.outcomes[i] === k).length);
      const outcome = votes.indexOf(Math.max(...votes));
      return { outcome, agreement: votes[outcome] / voters.length };
    }

    scaleOf(measure) {
      const values = measure.values.filter((v) => v !== null);
      const to = (v) => (measure.log ? Math.log10(Math.max(v, 1e-12)) : v);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return { low, high, to, reached: values.length, missing: measure.values.filter((v, i) => v === null && !this.data.added[i]).length };
    }

    paint(value) {
      const { low, high, to } = this.scale;
      const share = high > low ? (to(value) - to(low)) / (to(high) - to(low)) : 0.5;
      const stops = STOPS[lab.theme()];
      const at = share * (stops.length - 1);
      const k = Math.min(Math.floor(at), stops.length - 2);
      return `color-mix(in srgb, ${stops[k + 1]} ${(100 * (at - k)).toFixed(0)}%, ${stops[k]})`;
    }

    drawLegend(measure) {
      const item = (path, kind, label, count) => {
        const entry = document.createElement("li");
        const picture = svg("svg", { viewBox: "-6 -6 12 12", width: 15, height: 15, "aria-hidden": "true" });
        svg("path", { d: path, class: kind }, picture);
        const number = document.createElement("b");
        number.textContent = count.toLocaleString("en");
        entry.append(picture, ` ${label} `, number);
        return entry;
      };
      if (!measure) {
        /* What was added is a layer of its own, and counted as such. */
        const total = this.data.outcomes.map((_, k) => this.outcomes.filter((o, i) => o === k && !this.data.added[i]).length);
        const entries = this.data.outcomes.map((name, k) => item(this.shape(name), `dot o-${slug(name)}`, name, total[k])).reverse();
        if (this.state.added) entries.push(item(`M-${RING},0a${RING},${RING} 0 1,0 ${2 * RING},0a${RING},${RING} 0 1,0 -${2 * RING},0Z`, "ring", "added here", this.data.added.filter(Boolean).length));
        this.legend.replaceChildren(...entries);
        return;
      }
      const bar = document.createElement("li");
      const shown = (v) => (measure.unit === "%" ? `${short(100 * v)} %` : `${short(v)} ${measure.unit}`);
      const ramp = document.createElement("span");
      ramp.className = "ramp";
      ramp.style.background = `linear-gradient(to right, ${STOPS[lab.theme()].join(",")})`;
      bar.append(`${measure.label}: ${shown(this.scale.low)} `, ramp, ` ${shown(this.scale.high)}${measure.log ? ", logarithmic" : ""}`);
      this.legend.replaceChildren(...(this.scale.reached ? [bar] : []), ...(this.scale.missing ? [item(CROSS, "dot censored", `not reached within ${this.data.steps.toLocaleString("en")} steps`, this.scale.missing)] : []));
    }

    /* What was chosen, a cell or a box of dots, is shown by the server: it has the curves. */
    choose({ tell = true } = {}) {
      const cell = this.cells.get(this.state.cell) || this.cells.get(named(this.spec.cell)) || this.cells.get(named(this.spec.usual)) || [...this.cells.values()].find((each) => each.models.length);
      const box = this.boxModels();
      for (const each of this.cells.values()) each.element.removeAttribute("data-chosen");
      if (!cell) return;
      this.state.cell = [...this.cells].find(([, each]) => each === cell)[0];
      cell.element.setAttribute("data-chosen", "1");
      this.dots.forEach(({ element }, i) => (box?.includes(i) ? element.setAttribute("data-boxed", "1") : element.removeAttribute("data-boxed")));
      if (!tell) return;
      this.say(box ? `${box.length} models in the box` : this.describe(cell));
      const models = (box || cell.models).map((i) => this.data.models[i]);
      const chosen = { sweep: this.data.id, models, box: Boolean(box), cell: { ...this.fixed, ...cell.values }, min_loss: this.state.min_loss, max_ratio: this.state.max_ratio };
      window.dash_clientside.set_props(this.spec.chosen, { data: chosen });
    }

    say(sentence) {
      const live = this.root.querySelector("[data-sweep-announce]");
      if (live) live.textContent = sentence;
    }

    describe(cell) {
      const where = this.swept.map((axis) => `${axis.label} ${short(cell.values[axis.name])}`).join(", ");
      if (!cell.models.length) return `${where}: no model yet`;
      const tally = (names, place) => names.map((name, k) => [cell.models.filter((i) => place[i] === k).length, name]).filter(([n]) => n).map((each) => each.join(" "));
      const { outcomes, verdicts, verdict } = this.data;
      const added = cell.models.filter((i) => this.data.added[i]).length;
      const layer = added ? `; ${added} of them added here` : "";
      return `${where}: ${tally(outcomes, this.outcomes).reverse().join(", ")}; by accuracy ${tally(verdicts, verdict).join(", ")}${layer}`;
    }

    boxModels() {
      const numbers = (this.state.box || "").split(",").map(Number);
      this.panels.forEach(({ box }) => box.setAttribute("width", 0));
      if (numbers.length !== 5 || numbers.some(Number.isNaN) || !this.panels[numbers[0]]) return null;
      const [p, x0, y0, x1, y1] = numbers.map((v, i) => (i === 0 ? v : i % 2 ? LEFT + v * CELL : TOP + v * CELL));
      for (const [name, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 })) this.panels[p].box.setAttribute(name, value);
      const inside = this.dots.map((dot, i) => (dot.panel === p && dot.at[0] >= x0 && dot.at[0] <= x1 && dot.at[1] >= y0 && dot.at[1] <= y1 ? i : -1)).filter((i) => i >= 0);
      return inside.length ? inside : null;
    }

    bind() {
      const signal = this.abort.signal;
      const on = (target, type, handler) => target.addEventListener(type, handler, { signal });
      on(this.root, "input", (event) => this.onInput(event));
      on(this.root, "change", (event) => this.onChange(event));
      on(this.host, "pointermove", (event) => this.onMove(event));
      on(this.host, "pointerleave", () => this.tip(""));
      on(this.host, "pointerdown", (event) => this.onDown(event));
      on(this.host, "keydown", (event) => this.onKey(event));
      on(this.root, "click", (event) => this.onClick(event));
      on(document, "lab:theme", () => this.data && this.colour());
    }

    onClick(event) {
      if (event.target.closest("[data-sweep-clear]")) this.setBox(null);
      if (!event.target.closest("[data-sweep-added]") || !this.data) return;
      Object.assign(this.state, { added: !this.state.added, box: null });
      this.load();
    }

    onInput(event) {
      const name = event.target.closest?.("[data-sweep-range]")?.dataset.sweepRange;
      if (!name || !this.data) return;
      this.state[name] = rounded(10 ** Number(event.target.value));
      this.frame ||= requestAnimationFrame(() => {
        this.frame = null;
        this.colour();
        clearTimeout(this.idle);
        this.idle = setTimeout(() => {
          this.write();
          this.choose();
        }, 250);
      });
    }

    onChange(event) {
      const name = event.target.dataset?.sweepControl;
      if (!name || event.target.type === "range") return;
      this.state[name] = event.target.value;
      if (name === "panel" || name === "x") {
        this.state.box = null;
        if (name === "panel") this.state.x = null;
        return this.build();
      }
      this.colour();
      this.write();
    }

    /* Where a pointer is: panel, and place in its own coordinates. */
    place(event) {
      /* While a box is drawn the pointer is captured, and every event is aimed at the host. */
      const picture = this.drag ? this.panels[this.drag.from.panel].svg : event.target.closest?.(".sweep-panel");
      if (!picture || !this.size) return null;
      const box = picture.getBoundingClientRect();
      const scale = this.size.width / box.width;
      return { panel: Number(picture.dataset.panel), x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
    }

    under({ panel, x, y }) {
      const [c, r] = [Math.floor((x - LEFT) / CELL), Math.floor((y - TOP) / CELL)];
      const found = [...this.cells].find(([, each]) => each.panel === panel && each.column === c && each.row === r);
      if (!found) return null;
      let best = null;
      let distance = 6;
      for (const i of this.state.view === "cells" ? [] : found[1].models) {
        const far = Math.hypot(this.dots[i].at[0] - x, this.dots[i].at[1] - y);
        if (far < distance) [best, distance] = [i, far];
      }
      return { key: found[0], cell: found[1], model: best };
    }

    onMove(event) {
      const at = this.place(event);
      if (!at) return this.tip("");
      if (this.drag) return this.stretch(at);
      const found = this.under(at);
      this.tip(found ? (found.model === null ? this.describe(found.cell) : this.about(found.model)) : "", event);
    }

    about(i) {
      const { extremes: e, measures } = this.data;
      const where = this.swept.map((axis) => `${axis.label} ${short(axis.values[axis.place[i]])}`);
      const signed = (name) => `${this.data.symbols[name]} ${name}`;
      const lines = [signed(this.data.outcomes[this.outcomes[i]]), `${signed(this.data.verdicts[this.data.verdict[i]])} by accuracy`, `seed ${this.data.seed[i]} · ${where.join(" · ")}`];
      lines.push(`least train loss ${short(e.train[i])} nats · least test loss ${short(e.test[i])} nats`, `greatest test / train loss ${short(e.ratio[i])}×`);
      for (const m of Object.values(measures)) {
        const value = m.values[i];
        lines.push(`${m.label} ${value === null ? `not reached within ${this.data.steps.toLocaleString("en")} steps` : m.unit === "%" ? `${short(100 * value)} %` : `${short(value)} ${m.unit}`}`);
      }
      if (this.data.added[i]) lines.push("added here, no part of the sweep");
      else if (this.data.run[i]) lines.push("trained again with weights");
      return lines.join("\n");
    }

    tip(text, event) {
      let box = this.host.parentElement.querySelector(":scope > .sweep-tip");
      if (!box) {
        box = document.createElement("div");
        box.className = "weight-tip sweep-tip";
        this.host.parentElement.append(box);
      }
      box.hidden = !text;
      if (!text) return;
      box.textContent = text;
      const host = this.host.parentElement.getBoundingClientRect();
      const left = Math.min(Math.max(0, event.clientX - host.left + 14), host.width - box.offsetWidth - 4);
      const below = event.clientY - host.top + 18;
      const top = event.clientY + box.offsetHeight + 30 > window.innerHeight ? below - box.offsetHeight - 32 : below;
      box.style.transform = `translate(${Math.max(0, left)}px, ${top}px)`;
    }

    onDown(event) {
      const at = this.place(event);
      if (!at || event.button || event.pointerType === "touch") return at && this.click(at);
      this.drag = { from: at, to: at };
      this.host.setPointerCapture?.(event.pointerId);
      const signal = this.abort.signal;
      this.host.addEventListener("pointerup", () => this.drop(), { once: true, signal });
      event.preventDefault();
      this.host.focus({ preventScroll: true });
    }

    stretch(at) {
      this.drag.to = at;
      this.state.box = this.boxText();
      this.boxModels();
    }

    boxText() {
      const { from, to } = this.drag;
      const unit = (v, start) => ((v - start) / CELL).toFixed(2);
      const [x0, x1] = [from.x, to.x].sort((a, b) => a - b);
      const [y0, y1] = [from.y, to.y].sort((a, b) => a - b);
      return [from.panel, unit(x0, LEFT), unit(y0, TOP), unit(x1, LEFT), unit(y1, TOP)].join(",");
    }

    drop() {
      const { from, to } = this.drag;
      this.drag = null;
      if (Math.hypot(from.x - to.x, from.y - to.y) < 5) {
        this.state.box = null;
        return this.click(from);
      }
      this.setBox(this.state.box);
    }

    setBox(box) {
      this.state.box = box;
      this.choose();
      this.write();
    }

    click(at) {
      const found = this.under(at);
      if (!found) return;
      this.state.cell = found.key;
      this.setBox(null);
    }

    onKey(event) {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (event.key === "Escape") return this.setBox(null);
      const move = moves[event.key];
      const here = this.cells?.get(this.state.cell);
      if (!move || !here || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const { columns, rows } = this.size;
      let [panel, column, row] = [here.panel, here.column + move[0], Math.max(0, Math.min(rows - 1, here.row + move[1]))];
      if (column < 0 && panel > 0) [panel, column] = [panel - 1, columns - 1];
      if (column >= columns && panel < this.panels.length - 1) [panel, column] = [panel + 1, 0];
      column = Math.max(0, Math.min(columns - 1, column));
      const next = [...this.cells].find(([, each]) => each.panel === panel && each.column === column && each.row === row);
      this.state.cell = next[0];
      this.setBox(null);
    }

    /* All panels as one picture, with the colours that the styles give them. */
    export() {
      const { width, height } = this.size;
      const across = Math.min(this.panels.length, 5);
      const picture = svg("svg", { xmlns: NS, viewBox: `0 0 ${across * width} ${Math.ceil(this.panels.length / across) * height}` });
      const colours = lab.colours().surface;
      svg("rect", { width: "100%", height: "100%", fill: colours.page }, picture);
      this.panels.forEach((panel, p) => {
        const copy = panel.svg.cloneNode(true);
        const [from, to] = [panel.svg.querySelectorAll("*"), copy.querySelectorAll("*")];
        from.forEach((element, i) => {
          const style = getComputedStyle(element);
          for (const name of ["fill", "fill-opacity", "stroke", "stroke-width", "font-family", "font-size", "font-weight", "text-anchor", "display"]) to[i].style[name] = style.getPropertyValue(name);
        });
        for (const [name, value] of Object.entries({ x: (p % across) * width, y: Math.floor(p / across) * height, width, height })) copy.setAttribute(name, value);
        picture.append(copy);
      });
      return { svg: new XMLSerializer().serializeToString(picture), width: across * width, height: Math.ceil(this.panels.length / across) * height };
    }

    unmount() {
      this.abort.abort();
      clearTimeout(this.idle);
    }
  }

  lab.sweeps = {};
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.sweep = {
    mount: (spec) => {
      const root = spec && document.querySelector(`[data-sweep="${spec.id}"]`);
      if (!root) return "";
      lab.sweeps[spec.id]?.unmount();
      lab.sweeps[spec.id] = new SweepMap(root, spec);
      lab.drawings[spec.map] = () => lab.sweeps[spec.id].export();
      return spec.id;
    },
    /* New models have finished: read them again, and keep everything that was chosen. */
    reload: (version, spec) => {
      if (version) lab.sweeps[spec?.id]?.load();
      return "";
    },
  };
})();
