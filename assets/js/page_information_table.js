/* The decomposition of a table at any level of compression: error, bits of each feature, what can still be told apart. */
(() => {
  const lab = window.lab;
  const { band, line, matrix, write } = lab.paint;

  const short = (value) => (typeof value === "number" ? String(value).replace("-", "−") : value.length > 7 ? `${value.slice(0, 6)}…` : value);

  class Decomposition {
    constructor(spec, page) {
      Object.assign(this, { spec, page, lit: null });
      this.totals = spec.total_bits;
      this.slider = document.getElementById(spec.ids.level);
      this.level = Number(this.slider.value);
      const signal = page.abort.signal;
      this.slider.addEventListener("input", () => this.set(Number(this.slider.value)), { signal });
      this.sheets = { curves: page.sheet(spec.ids.curves, (width) => this.curvesLayout(width)), matrices: page.sheet(spec.ids.matrices, (width) => this.matricesLayout(width)) };
      this.sheets.curves.plot.addEventListener("pointermove", (event) => this.pointCurves(event), { signal });
      this.sheets.matrices.plot.addEventListener("pointermove", (event) => this.pointMatrices(event), { signal });
      for (const { plot } of Object.values(this.sheets)) plot.addEventListener("pointerleave", () => (lab.tip(plot, ""), this.light(null)), { signal });
      lab.fetchArray(spec.table.url).then(({ values }) => {
        this.values = values;
        page.request();
      });
      this.say();
    }

    get ready() {
      return Boolean(this.values);
    }

    set(level) {
      this.level = level;
      this.say();
      this.page.request();
    }

    light(feature) {
      if (feature === this.lit) return;
      this.lit = feature;
      this.page.request();
    }

    say() {
      const { names, feature_bits: all, beta } = this.spec;
      const bits = all[this.level];
      const order = bits.map((_, f) => f).sort((a, b) => bits[b] - bits[a]);
      const used = order.filter((f) => bits[f] > 0.02).map((f) => `${names[f]} ${bits[f].toFixed(2)}`);
      const text = `${this.inBits(this.level)}: ${used.join(", ") || "nothing"}; ${this.errorTold(this.level)} (β = ${beta[this.level]}).`;
      document.getElementById(this.spec.ids.said).textContent = text;
      this.slider.setAttribute("aria-valuetext", text);
    }

    curvesLayout(width) {
      const two = width > 760;
      const [left, top, bottom] = [58, 28, 46];
      const wide = two ? (width - 2 * left - 190) / 2 : width - left - 12;
      const most = Math.max(...this.totals);
      const ticks = lab.ticks(most, 6).map((v) => [v, String(v)]);
      const common = { x: [0, most * 1.03], xTicks: ticks, xTitle: "bits in use, all features", height: 270, width: wide };
      const high = Math.max(1.1, 1.08 * Math.max(...this.spec.feature_bits.flat()));
      const first = { ...common, left, top, ...this.errorAxis(), yTitle: this.spec.error.title, title: "Error" };
      const second = { ...common, left: two ? left * 2 + wide + 16 : left, top: two ? top : 2 * top + 270 + bottom, y: [0, high], yTicks: lab.ticks(high, 6).map((v) => [v, String(v)]), yTitle: "bits", title: "Bits of each feature" };
      this.two = two;
      const names = two ? 0 : 21 * Math.ceil(this.spec.show.length / 2) + 24;
      return { height: (two ? 1 : 2) * (270 + top + bottom) + names, panels: [first, second] };
    }

    /* From a little below the least error to a little above the most, in round numbers. */
    errorAxis() {
      const [low, high] = this.spec.range;
      const raw = (high - low) / 5;
      const power = 10 ** Math.floor(Math.log10(raw));
      const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
      const start = Math.ceil(low / step);
      const ticks = Array.from({ length: Math.floor(high / step) - start + 1 }, (_, i) => (start + i) * step);
      return { y: [low - 0.06 * (high - low), high + 0.06 * (high - low)], yTicks: ticks.map((v) => [v, String(Number(v.toPrecision(6)))]) };
    }

    paintCurves(context, panel, index) {
      const { errors, penalised, band: spread, published, names, colours, feature_bits: bits, nothing } = this.spec;
      const { roles, surface } = lab.colours();
      if (index === 0) {
        line(context, panel, panel.x, [nothing, nothing], surface.muted, { width: 1, dash: [2, 4] });
        if (spread) band(context, panel, spread.x, spread.low, spread.high, roles.test, 0.35);
        line(context, panel, this.totals, errors, roles.test, { width: 2.2 });
        line(context, panel, this.totals, penalised, roles.train, { dash: [6, 4], width: 1.6 });
        published.forEach(([x, y]) => write(context, "×", panel.px(x), panel.py(y), { size: 16, bold: true, colour: roles.correct }));
        const labels = [["held out", roles.test], ["with the price", roles.train], ...(published.length ? [["× published", roles.correct]] : [])];
        context.fillStyle = surface.plot;
        context.fillRect(panel.left + panel.width - 104, panel.top + 22, 100, 16 * labels.length + 4);
        labels.forEach(([text, colour], i) => write(context, text, panel.left + panel.width - 8, panel.top + 32 + 16 * i, { colour, bold: true, align: "right" }));
      } else {
        names.forEach((_, f) => this.paintBounds(context, panel, f));
        names.forEach((_, f) => f !== this.lit && line(context, panel, this.totals, bits.map((row) => row[f]), colours[f], { alpha: this.lit === null ? 0.95 : 0.3 }));
        if (this.lit !== null) line(context, panel, this.totals, bits.map((row) => row[this.lit]), colours[this.lit], { width: 4 });
      }
      line(context, panel, [this.totals[this.level], this.totals[this.level]], panel.y, surface.text, { width: 1.2, dash: [4, 3] });
    }

    /* What the information of a continuous feature lies between. */
    paintBounds(context, panel, feature) {
      const { bounds, colours } = this.spec;
      if (!bounds) return;
      const [lower, upper] = bounds.map((end) => end.map((row) => row[feature]));
      const alpha = this.lit === null ? 0.18 : feature === this.lit ? 0.4 : 0.06;
      band(context, panel, this.totals, lower, upper, colours[feature], alpha);
    }

    /* Bits of a feature at the chosen level; of a continuous one that is pointed at, the bounds. */
    told(feature) {
      const bits = this.spec.feature_bits[this.level][feature].toFixed(2);
      const ends = this.spec.bounds?.map((end) => end[this.level][feature].toFixed(2));
      return feature === this.lit && ends && ends[0] !== ends[1] ? `${ends[0]}–${ends[1]}` : bits;
    }

    /* The names beside the curves, the largest first; they are not clipped to a panel. */
    paintNames() {
      const { names, colours, feature_bits: bits } = this.spec;
      const sheet = this.sheets.curves;
      const context = sheet.canvas.getContext("2d");
      const panel = sheet.panels[1];
      const [x, y] = this.two ? [panel.left + panel.width + 14, panel.top + 6] : [panel.left, panel.top + panel.height + 52];
      const order = [...this.spec.show].sort((a, b) => bits[this.level][b] - bits[this.level][a]);
      this.places = order.map((f, i) => {
        const at = this.two ? [x, y + i * 21] : [x + (i % 2) * (panel.width / 2), y + Math.floor(i / 2) * 21];
        context.fillStyle = colours[f];
        context.fillRect(at[0], at[1] - 5, 10, 10);
        write(context, `${names[f]} ${this.told(f)}`, at[0] + 15, at[1], { size: 11, bold: f === this.lit, align: "left" });
        return { f, x: at[0], y: at[1] };
      });
    }

    pointCurves(event) {
      const { panel, index, px, py } = this.sheets.curves.under(event);
      const label = this.places?.find((place) => px >= place.x - 4 && px < place.x + 150 && Math.abs(py - place.y) < 10);
      const tip = (text) => lab.tip(this.sheets.curves.plot, text, px, py);
      if (label) return tip(""), this.light(label.f);
      if (!panel) return tip(""), this.light(null);
      const x = panel.at(px, py)[0];
      const at = this.totals.reduce((best, v, i) => (Math.abs(v - x) < Math.abs(this.totals[best] - x) ? i : best), 0);
      const total = `${this.inBits(at)} in use`;
      if (index === 0) return tip(`${total}: ${this.errorTold(at)}`), this.light(null);
      const distance = (f) => Math.abs(panel.py(this.spec.feature_bits[at][f]) - py);
      const nearest = [...this.spec.show].sort((a, b) => distance(a) - distance(b))[0];
      const lit = distance(nearest) < 20 ? nearest : null;
      tip(lit === null ? "" : `${this.spec.names[lit]} ${this.spec.feature_bits[at][lit].toFixed(2)} of ${total}`);
      this.light(lit);
    }

    /* All bits in use at a level, with their standard error where they were sampled. */
    inBits(level) {
      const error = this.spec.total_error[level];
      return `${this.totals[level].toFixed(2)}${error > 0 ? ` ± ${error}` : ""} bits`;
    }

    errorTold(level) {
      const { said, digits } = this.spec.error;
      return `${said[0]} ${this.spec.errors[level].toFixed(digits)} ${said[1]}`.trim();
    }

    matricesLayout(width) {
      const columns = width > 900 ? 6 : width > 560 ? 4 : 2;
      const [left, top, bottom] = [44, 26, 34];
      const side = width / columns - left - 8;
      const panels = this.spec.show.map((f, place) => {
        const name = this.spec.names[f];
        const values = this.spec.values[f];
        const n = values.length;
        const every = Math.ceil(n / Math.max(2, Math.floor(side / 34)));
        const ticks = values.map((v, i) => [i + 0.5, short(v)]).filter((_, i) => i % every === 0);
        const whole = this.spec.units[f] ? `${name} (${this.spec.units[f]})` : name;
        const title = 7 * whole.length < side ? whole : name;
        return { left: left + (place % columns) * (side + left + 8), top: top + Math.floor(place / columns) * (side + top + bottom), width: side, height: side, x: [0, n], y: [n, 0], bare: true, title, xTicks: ticks, yTicks: ticks };
      });
      return { height: Math.ceil(panels.length / columns) * (side + top + bottom) + 4, panels };
    }

    /* Mean or log variance k of the value in row i of the table, at the chosen level. */
    channel(i, k) {
      const { table, first } = this.spec;
      const [, n, wide] = table.shape;
      return this.values[((first + this.level) * n + i) * wide + k] * table.scale;
    }

    /* How alike the values in rows i and j of the table are: the Bhattacharyya coefficient of their channels. */
    pair(i, j) {
      const d = this.spec.table.shape[2] / 2;
      let logs = 0;
      for (let k = 0; k < d; k++) logs += lab.information.logAlike(this.channel(i, k), this.channel(i, d + k), this.channel(j, k), this.channel(j, d + k));
      return Math.exp(logs);
    }

    /* The same of all values of a feature, (n, n). */
    alike(f) {
      const [start, stop] = this.spec.rows[f];
      const size = stop - start;
      const out = new Float64Array(size * size);
      for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) out[i * size + j] = out[j * size + i] = this.pair(start + i, start + j);
      return out;
    }

    paintMatrix(context, panel, f) {
      matrix(context, panel, this.alike(f), panel.x[1]);
      const bits = this.spec.feature_bits[this.level][f];
      const { surface } = lab.colours();
      context.strokeStyle = f === this.lit ? surface.text : this.spec.colours[f];
      context.lineWidth = f === this.lit ? 4 : 2;
      context.strokeRect(panel.left, panel.top, panel.width, panel.height);
      context.fillStyle = surface.panel;
      context.fillRect(panel.left + panel.width - 52, panel.top + panel.height - 18, 50, 16);
      write(context, `${bits.toFixed(2)} bits`, panel.left + panel.width - 27, panel.top + panel.height - 10, { size: 10, bold: true });
    }

    pointMatrices(event) {
      const { panel, index, px, py } = this.sheets.matrices.under(event);
      const f = panel ? this.spec.show[index] : null;
      this.light(f);
      if (f === null || !this.ready) return lab.tip(this.sheets.matrices.plot, "");
      const values = this.spec.values[f];
      const [column, row] = panel.at(px, py).map((v) => Math.min(values.length - 1, Math.max(0, Math.floor(v))));
      const start = this.spec.rows[f][0];
      const unit = this.spec.units[f] ? ` ${this.spec.units[f]}` : "";
      lab.tip(this.sheets.matrices.plot, `${values[column]} and ${values[row]}${unit}: alike ${this.pair(start + column, start + row).toFixed(2)}`, px, py);
    }

    draw() {
      this.sheets.curves.draw((context, panel, index) => this.paintCurves(context, panel, index));
      if (this.sheets.curves.panels) this.paintNames();
      if (this.ready) this.sheets.matrices.draw((context, panel, index) => this.paintMatrix(context, panel, this.spec.show[index]));
    }
  }

  Object.assign((lab.informationParts ||= {}), { bikes: Decomposition, own: Decomposition });
})();
