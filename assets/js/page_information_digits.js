/* The parity digits themselves: bits of each over the price and back, what is unknown of the answer, and the exact solution. */
(() => {
  const lab = window.lab;
  const { disc, line, write } = lab.paint;

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
      const [left, top, bottom, high] = [50, 28, 46, beside ? 270 : 240];
      const wide = beside ? (width - 2 * left - 30) / 2 : width - left - 12;
      const prices = this.spec.seeds[0].beta;
      const ends = [Math.log10(Math.min(...prices)), Math.log10(Math.max(...prices))];
      const power = (v) => (v === 0 ? "1" : `10⁻${"⁰¹²³⁴⁵"[-v]}`);
      const ticks = [-3, -2, -1, 0].filter((v) => v >= ends[0] - 1e-6 && v <= ends[1] + 1e-6).map((v) => [v, power(v)]);
      const common = { x: ends, xTicks: ticks, xTitle: "price β, in nats of error per nat", y: [0, 1.08], yTitle: "bits", yTicks: [0, 0.5, 1].map((v) => [v, String(v)]), width: wide, height: high };
      const step = beside ? [wide + left + 18, 0] : [0, high + top + bottom];
      return {
        height: (beside ? 1 : 2) * (high + top + bottom),
        panels: ["Bits of each digit", "Unknown of the answer"].map((title, i) => ({ ...common, title, left: left + i * step[0], top: top + i * step[1] })),
      };
    }

    paint(context, panel, index) {
      const { roles, surface } = lab.colours();
      const x = (beta) => Math.log10(beta);
      for (const [beta] of this.spec.critical) line(context, panel, [x(beta), x(beta)], panel.y, surface.text, { width: 1, dash: [4, 4], alpha: 0.7 });
      this.spec.seeds.forEach((seed, i) => this.paintSeed(context, panel, index, seed, i));
      line(context, panel, this.spec.exact.map(([beta]) => x(beta)), this.spec.exact.map((point) => point[index + 1]), roles.correct, { width: 1.6 });
      for (const point of this.spec.critical) disc(context, panel.px(x(point[0])), panel.py(point[index + 1]), 4, roles.correct);
      const labels = index === 0 ? [["exact", roles.correct], ["first three", roles.support], ["twenty-seven others", surface.muted], ["faint: the way back", surface.muted]] : [["exact", roles.correct], ["trained", roles.accent], ["faint: the way back", surface.muted]];
      labels.forEach(([text, colour], at) => write(context, text, panel.left + 8, panel.top + panel.height / 2 + 18 * (at - 1), { colour, bold: true, align: "left" }));
    }

    /* Up to the turn a seed is drawn in full, the way back faintly. */
    paintSeed(context, panel, index, { beta, bits, unknown, turn }, seed) {
      const { roles } = lab.colours();
      for (const [from, to, alpha] of [[turn, beta.length, 0.3], [0, turn + 1, 1]]) {
        const xs = beta.slice(from, to).map(Math.log10);
        const path = (values, colour, width, dash = [], faint = 1) => line(context, panel, xs, values.slice(from, to), colour, { width, dash, alpha: alpha * faint });
        if (index === 1) path(unknown, roles.accent, seed ? 1.2 : 2);
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
      this.sheet.draw((context, panel, index) => this.paint(context, panel, index));
    }
  }

  (lab.informationParts ||= {}).digits = Digits;
})();
