/* The parity digits themselves: bits of each over the price and back, what is unknown of the answer, and the exact solution. */
(() => {
  const lab = window.lab;
  const { disc, line, write } = lab.paint;

  /* The prices that are shown closer. */
  const AROUND = [0.15, 0.5];

  class Digits {
    constructor(spec, page) {
      Object.assign(this, { spec, page });
      this.sheet = page.sheet("parity-information", (width) => this.layout(width));
      const signal = page.abort.signal;
      this.sheet.plot.addEventListener("pointermove", (event) => this.point(event), { signal });
      this.sheet.plot.addEventListener("pointerleave", () => lab.tip(this.sheet.plot, ""), { signal });
    }

    layout(width) {
      const beside = width > 900;
      const [left, top, bottom, high] = [46, 28, 46, beside ? 270 : 230];
      const wide = beside ? (width - 3 * left - 56) / 3 : width - left - 12;
      const prices = this.spec.seeds[0].beta;
      const power = (v) => (v === 0 ? "1" : `10⁻${"⁰¹²³⁴⁵"[-v]}`);
      const whole = { x: [Math.log10(Math.min(...prices)), Math.log10(Math.max(...prices))], xTicks: [-3, -2, -1, 0].map((v) => [v, power(v)]) };
      const near = { x: AROUND.map(Math.log10), xTicks: [0.2, 0.3, 0.4, 0.5].map((v) => [Math.log10(v), String(v)]), near: true };
      const panels = [
        { ...whole, column: 1, title: "Bits of each digit" },
        { ...near, column: 1, title: "The same, around the transition" },
        { ...near, column: 2, title: "Unknown of the answer, there" },
      ];
      const common = { xTitle: "price β", y: [0, 1.08], yTitle: "bits", yTicks: [0, 0.5, 1].map((v) => [v, String(v)]), width: wide, height: high };
      const step = beside ? [wide + left + 18, 0] : [0, high + top + bottom];
      return {
        height: (beside ? 1 : 3) * (high + top + bottom),
        panels: panels.map((panel, i) => ({ ...common, ...panel, left: left + i * step[0], top: top + i * step[1] })),
      };
    }

    paint(context, panel) {
      const { roles, surface } = lab.colours();
      const { critical, exact, seeds } = this.spec;
      for (const [beta] of critical) line(context, panel, [Math.log10(beta), Math.log10(beta)], panel.y, surface.text, { width: 1, dash: [4, 4], alpha: 0.7 });
      seeds.forEach((seed, i) => this.paintSeed(context, panel, seed, i));
      line(context, panel, exact.map(([beta]) => Math.log10(beta)), exact.map((point) => point[panel.column]), roles.correct, { width: 1.6 });
      for (const point of critical) disc(context, panel.px(Math.log10(point[0])), panel.py(point[panel.column]), 4, roles.correct);
      const trained = panel.column === 1 ? [["first three", roles.support], ["twenty-seven others", surface.muted]] : [["trained", roles.accent]];
      const labels = [["exact", roles.correct], ...trained, ["faint: the way back", surface.muted]];
      labels.forEach(([text, colour], at) => write(context, text, panel.left + 8, panel.top + panel.height / 2 + 18 * (at - 1), { colour, bold: true, align: "left", halo: surface.plot }));
      if (panel.near) critical.forEach(([beta], i) => write(context, beta.toFixed(3), panel.px(Math.log10(beta)) + (i ? 4 : -4), panel.py(1.03), { size: 11, align: i ? "left" : "right" }));
    }

    /* Up to the turn a seed is drawn in full, the way back faintly. */
    paintSeed(context, panel, { beta, bits, unknown, turn }, seed) {
      const { roles } = lab.colours();
      for (const [from, to, alpha] of [[turn, beta.length, 0.3], [0, turn + 1, 1]]) {
        const xs = beta.slice(from, to).map(Math.log10);
        const path = (values, colour, width, dash = [], faint = 1) => line(context, panel, xs, values.slice(from, to), colour, { width, dash, alpha: alpha * faint });
        if (panel.column === 2) path(unknown, roles.accent, seed ? 1.2 : 2);
        else {
          bits[0].forEach((_, digit) => digit >= this.spec.k && path(bits.map((row) => row[digit]), roles.distractor, 0.8, [], 0.35));
          for (let digit = 0; digit < this.spec.k; digit++) path(bits.map((row) => row[digit]), roles.support, seed ? 1.4 : 2.4, [[], [7, 4], [2, 3]][digit]);
        }
      }
    }

    /* The level of the first seed on the way up that is nearest to the pointer, in numbers. */
    point(event) {
      const { panel, px, py } = this.sheet.under(event);
      if (!panel) return lab.tip(this.sheet.plot, "");
      const { beta, bits, unknown, turn } = this.spec.seeds[0];
      const sum = (values) => values.reduce((total, v) => total + v, 0);
      const x = panel.at(px, py)[0];
      const places = beta.slice(0, turn + 1).map(Math.log10);
      const at = places.reduce((best, v, i) => (Math.abs(v - x) < Math.abs(places[best] - x) ? i : best), 0);
      const first = bits[at].slice(0, this.spec.k).map((v) => v.toFixed(2));
      const last = this.spec.critical[1][0];
      const exact = beta[at] > last ? "nothing" : this.spec.exact.reduce((best, point) => (Math.abs(Math.log(point[0] / beta[at])) < Math.abs(Math.log(best[0] / beta[at])) ? point : best))[1].toFixed(2);
      lab.tip(this.sheet.plot, `β ${beta[at]}: ${first.join(" + ")} bits (exact: ${exact} each), others ${sum(bits[at].slice(this.spec.k)).toFixed(2)}; ${unknown[at].toFixed(2)} unknown`, px, py);
    }

    draw() {
      this.sheet.draw((context, panel) => this.paint(context, panel));
    }
  }

  (lab.informationParts ||= {}).digits = Digits;
})();
