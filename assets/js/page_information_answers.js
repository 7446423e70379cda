/* What a network's own answers are worth of each input, at steps of its training and prices. */
(() => {
  const lab = window.lab;
  const { disc, line, matrix, write } = lab.paint;
  const sum = (values) => values.reduce((total, v) => total + v, 0);

  /* Two sliders, the numbers of one run, and a sheet whose first two panels have the step as their axis. */
  class Answers {
    constructor(page, names) {
      Object.assign(this, { page, names });
      const signal = page.abort.signal;
      this.sliders = { step: document.getElementById(names.step), level: document.getElementById(names.price) };
      for (const [name, slider] of Object.entries(this.sliders)) slider.addEventListener("input", () => this.set(name, Number(slider.value)), { signal });
      this.sheet = page.sheet(names.picture, (width) => this.layout(width));
      this.sheet.plot.addEventListener("pointerdown", (event) => this.point(event), { signal });
      this.sheet.plot.addEventListener("pointermove", (event) => (event.buttons ? this.point(event) : this.hover(event)), { signal });
      this.sheet.plot.addEventListener("pointerleave", () => lab.tip(this.sheet.plot, ""), { signal });
    }

    async fetch(url) {
      this.asked = url;
      const answer = await fetch(url);
      if (!answer.ok) return this.tell("The numbers of this network could not be fetched.");
      const found = await answer.json();
      if (this.asked !== url) return;
      Object.assign(this, { found });
      this.sliders.step.max = found.step.length - 1;
      this.sliders.level.max = found.beta.length - 1;
      this.step = Math.min(this.step, found.step.length - 1);
      if (this.sheet.panels) this.sheet.refresh();
      this.show();
    }

    set(name, value) {
      this[name] = value;
      this.show();
    }

    tell(text) {
      document.getElementById(this.names.said).textContent = text;
    }

    show() {
      if (!this.found) return;
      const told = { step: `step ${this.found.step[this.step].toLocaleString("en")}`, level: `β ${Number(this.found.beta[this.level].toPrecision(2))}` };
      for (const [name, slider] of Object.entries(this.sliders)) {
        slider.value = this[name];
        slider.setAttribute("aria-valuetext", told[name]);
        document.getElementById(`${slider.id}-value`).textContent = told[name];
      }
      this.tell(this.sentence());
      this.page.request();
    }

    frames(width, right, yTitle, most) {
      const two = width > 760;
      const [left, top, high, low] = [54, 26, 110, 170];
      const wide = two ? (width - 2 * left - 40) * 0.5 : width - left - 14;
      const last = this.found?.step.at(-1) ?? 1;
      const xTicks = lab.ticks(last, wide / 80).map((v) => [v, v.toLocaleString("en")]);
      const common = { left, width: wide, x: [0, last], xTicks };
      const percent = [0, 50, 100].map((v) => [v, `${v} %`]);
      const height = high + low + 60;
      const below = top + high + low + 116;
      return {
        height: two ? below - 20 : below + right + 70,
        panels: [
          { ...common, top, height: high, y: [0, 105], yTicks: percent, xTicks: xTicks.map(([v]) => [v, ""]), title: "Accuracy of the network" },
          { ...common, top: top + high + 46, height: low, y: [0, most * 1.05], yTicks: lab.ticks(most, 5).map((v) => [v, String(v)]), title: yTitle, xTitle: "step" },
          { left: two ? 2 * left + wide + 24 : left, top: two ? top : below, width: two ? width - 2 * left - wide - 40 : wide, height: two ? height - 14 : right },
        ],
      };
    }

    paintAccuracy(context, panel) {
      const { roles, surface } = lab.colours();
      const { history } = this.found;
      line(context, panel, history.step, history.train_accuracy.map((v) => 100 * v), roles.train);
      line(context, panel, history.step, history.test_accuracy.map((v) => 100 * v), roles.test);
      write(context, "train", panel.left + panel.width - 50, panel.top + panel.height - 12, { colour: roles.train, bold: true, align: "right", halo: surface.plot });
      write(context, "test", panel.left + panel.width - 14, panel.top + panel.height - 12, { colour: roles.test, bold: true, align: "right", halo: surface.plot });
    }

    cursor(context, panel) {
      const x = this.found.step[this.step];
      line(context, panel, [x, x], panel.y, lab.colours().surface.text, { width: 1.2, dash: [4, 3] });
    }

    band(context, panel, low, high, middle, colour, dash = []) {
      lab.paint.band(context, panel, this.found.step, low, high, colour);
      line(context, panel, this.found.step, middle, colour, { width: 2.2, dash });
      this.found.step.forEach((s, i) => disc(context, panel.px(s), panel.py(middle[i]), 2.6, colour));
    }

    /* A press on one of the panels over steps moves the cursor to the nearest one. */
    point(event) {
      const { panel, index, px, py } = this.sheet.under(event);
      if (!this.found || !panel || index > 1) return;
      const x = panel.at(px, py)[0];
      this.set("step", this.found.step.reduce((best, s, i) => (Math.abs(s - x) < Math.abs(this.found.step[best] - x) ? i : best), 0));
    }

    hover(event) {
      const { panel, index, px, py } = this.sheet.under(event);
      lab.tip(this.sheet.plot, this.found && panel && index === 2 ? this.describe(panel, px, py) : "", px, py);
    }

    draw() {
      if (this.found) this.sheet.draw((context, panel, index) => this.paint(context, panel, index));
    }
  }

  class ParityAnswers extends Answers {
    constructor(spec, page) {
      super(page, { picture: "parity-answers", step: "answers-step", price: "answers-price", said: "answers-said" });
      Object.assign(this, { spec, step: spec.step, level: spec.level, k: spec.runs[spec.first].k });
      const select = document.getElementById("answers-run");
      select.addEventListener("change", () => this.choose(select.value), { signal: page.abort.signal });
      this.choose(select.value in spec.runs ? select.value : spec.first);
    }

    choose(run) {
      this.k = this.spec.runs[run].k;
      this.fetch(this.spec.runs[run].url);
    }

    over(name) {
      const parts = this.found[name].map((levels) => levels[this.level]);
      return [parts.map((bits) => sum(bits.slice(0, this.k))), parts.map((bits) => sum(bits.slice(this.k)))];
    }

    sentence() {
      const bits = this.found.bits[this.step][this.level];
      const [signal, others] = [sum(bits.slice(0, this.k)), sum(bits.slice(this.k))];
      return `Step ${this.found.step[this.step].toLocaleString("en")}, β ${Number(this.found.beta[this.level].toPrecision(2))}: ${signal.toFixed(2)} bits from the first ${this.k} digits, ${others.toFixed(2)} from the ${bits.length - this.k} others; ${this.found.unknown[this.step][this.level].toFixed(2)} of ${this.found.entropy[this.step].toFixed(2)} bits of its answers stay unknown.`;
    }

    layout(width) {
      const n = this.found?.bits[0][0].length ?? 30;
      const frames = this.frames(width, 220, "Bits drawn from", n - this.k);
      const ticks = Array.from({ length: n }, (_, i) => [i + 0.5, String(i + 1)]).filter((_, i) => i === 0 || (i + 1) % 5 === 0);
      Object.assign(frames.panels[2], { x: [0, n], y: [-0.03, 1.08], xTicks: ticks, yTicks: [0, 0.5, 1].map((v) => [v, String(v)]), title: "Bits of each digit at this step", xTitle: "digit" });
      return frames;
    }

    paint(context, panel, index) {
      const { roles, surface } = lab.colours();
      if (index < 2) this.cursor(context, panel);
      if (index === 0) this.paintAccuracy(context, panel);
      if (index === 1) {
        const [low, high, mean] = ["low", "high", "bits"].map((name) => this.over(name));
        this.band(context, panel, low[1], high[1], mean[1], surface.muted);
        this.band(context, panel, low[0], high[0], mean[0], roles.support);
        write(context, `all ${this.found.bits[0][0].length - this.k} others`, panel.left + panel.width - 8, panel.top + 12, { colour: surface.muted, bold: true, align: "right", halo: surface.plot });
        write(context, `first ${this.k}`, panel.left + panel.width - 8, panel.top + 28, { colour: roles.support, bold: true, align: "right", halo: surface.plot });
      }
      if (index < 2) return;
      const [bits, low, high] = ["bits", "low", "high"].map((name) => this.found[name][this.step][this.level]);
      const wide = Math.max(2, (panel.width / bits.length) * 0.62);
      bits.forEach((v, digit) => {
        const x = panel.px(digit + 0.5);
        context.fillStyle = digit < this.k ? roles.support : surface.muted;
        context.fillRect(x - wide / 2, panel.py(v), wide, panel.py(0) - panel.py(v));
        line(context, panel, [digit + 0.5, digit + 0.5], [low[digit], high[digit]], surface.text, { width: 1 });
        context.strokeStyle = roles.correct;
        context.lineWidth = 1.8;
        context.beginPath();
        context.arc(x, panel.py(this.found.flips[this.step][digit]), Math.max(2.5, Math.min(4, wide / 2)), 0, 2 * Math.PI);
        context.stroke();
      });
    }

    describe(panel, px, py) {
      const digit = Math.floor(panel.at(px, py)[0]);
      const bits = this.found.bits[this.step][this.level][digit];
      return bits === undefined ? "" : `digit ${digit + 1}: ${bits.toFixed(3)} bits; flips ${(100 * this.found.flips[this.step][digit]).toFixed(1)} % of the answers`;
    }
  }

  class ModularAnswers extends Answers {
    constructor(spec, page) {
      super(page, { picture: "modular-answers", step: "modular-answers-step", price: "modular-answers-price", said: "modular-answers-said" });
      Object.assign(this, { spec, step: spec.step, level: spec.level });
      this.fetch(spec.url);
    }

    /* The level with a matrix that is nearest to the chosen one. */
    get kept() {
      const { kept } = this.found;
      return kept.reduce((best, level, i) => (Math.abs(level - this.level) < Math.abs(kept[best] - this.level) ? i : best), 0);
    }

    sentence() {
      const [a, b] = this.found.bits[this.step][this.level];
      return `Step ${this.found.step[this.step].toLocaleString("en")}, β ${Number(this.found.beta[this.level].toPrecision(2))}: ${a.toFixed(2)} and ${b.toFixed(2)} bits of the two numbers; ${this.found.unknown[this.step][this.level].toFixed(2)} of ${this.found.entropy[this.step].toFixed(2)} bits of its answers stay unknown. The matrix is at β ${Number(this.found.beta[this.found.kept[this.kept]].toPrecision(2))}.`;
    }

    layout(width) {
      const most = Math.ceil(Math.log2(this.spec.p));
      const side = width > 760 ? Math.min(326, width * 0.5 - 100) : Math.min(300, width - 70);
      const frames = this.frames(width, side, "Bits", most);
      const ticks = lab.ticks(this.spec.p - 1, 7).map((v) => [v + 0.5, String(v)]);
      Object.assign(frames.panels[2], { width: side, height: side, x: [0, this.spec.p], y: [this.spec.p, 0], bare: true, xTicks: ticks, yTicks: ticks, title: "Residues of the first number", xTitle: "residue", yTitle: "residue" });
      return frames;
    }

    paint(context, panel, index) {
      const { roles, surface } = lab.colours();
      if (index < 2) this.cursor(context, panel);
      if (index === 0) this.paintAccuracy(context, panel);
      if (index === 1) {
        const of = (name, f) => this.found[name].map((levels) => levels[this.level][f]);
        this.band(context, panel, of("low", 0), of("high", 0), of("bits", 0), roles.accent);
        this.band(context, panel, of("low", 1), of("high", 1), of("bits", 1), roles.accent, [5, 4]);
        const unknown = this.found.unknown.map((levels) => levels[this.level]);
        this.band(context, panel, unknown, unknown, unknown, roles.correct);
        write(context, "of each number", panel.left + 8, panel.py(5.3), { colour: roles.accent, bold: true, align: "left", halo: surface.plot });
        write(context, "unknown of the answer", panel.left + 8, panel.py(4.4), { colour: roles.correct, bold: true, align: "left", halo: surface.plot });
      }
      if (index < 2) return;
      matrix(context, panel, this.found.alike[this.step][this.kept].flat(), this.spec.p);
      context.strokeStyle = surface.muted;
      context.lineWidth = 1;
      context.strokeRect(panel.left, panel.top, panel.width, panel.height);
    }

    describe(panel, px, py) {
      const [a, b] = panel.at(px, py).map(Math.floor);
      const alike = this.found.alike[this.step][this.kept][b]?.[a];
      return alike === undefined ? "" : `${a} and ${b}: alike ${alike.toFixed(2)}`;
    }
  }

  class Both {
    constructor(spec, page) {
      this.parts = [new ParityAnswers(spec.parity, page), ...(spec.modular ? [new ModularAnswers(spec.modular, page)] : [])];
    }

    draw() {
      this.parts.forEach((part) => part.draw());
    }
  }

  (lab.informationParts ||= {}).answers = Both;
})();
