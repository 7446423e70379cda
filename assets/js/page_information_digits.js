/* The parity digits themselves: bits of each as the price rises, and what is unknown of the answer. */
(() => {
  const lab = window.lab;
  const { disc, line, write } = lab.paint;
  /* Three digits and what the others still have when the price begins to rise. */
  const MOST_BITS = 4;

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
      const [left, top, bottom, high] = [50, 28, 46, beside ? 250 : 230];
      const wide = beside ? (width - 3 * left - 48) / 3 : width - left - 12;
      const beta = this.spec.seeds[0].beta;
      const ends = [Math.log10(beta[0]), Math.log10(beta[beta.length - 1])];
      const power = (v) => (v === 0 ? "1" : `10⁻${"⁰¹²³⁴⁵"[-v]}`);
      const prices = [-3, -2, -1, 0].filter((v) => v >= ends[0] && v <= ends[1]).map((v) => [v, power(v)]);
      const totals = { x: [0, MOST_BITS], xTicks: lab.ticks(MOST_BITS, MOST_BITS).map((v) => [v, String(v)]), xTitle: "bits in use, all digits" };
      const bits = { y: [0, 1.08], yTitle: "bits", yTicks: [0, 0.5, 1].map((v) => [v, String(v)]) };
      const panels = [
        { ...bits, x: ends, xTicks: prices, xTitle: "price β", title: "Bits of each digit" },
        { ...bits, ...totals, title: "Bits of each digit" },
        { ...bits, ...totals, title: "Unknown of the answer" },
      ];
      const step = beside ? [wide + left + 18, 0] : [0, high + top + bottom];
      return {
        height: (beside ? 1 : 3) * (high + top + bottom),
        panels: panels.map((panel, i) => ({ ...panel, left: left + i * step[0], top: top + i * step[1], width: wide, height: high })),
      };
    }

    paint(context, panel, index) {
      const { roles, surface } = lab.colours();
      this.spec.seeds.forEach(({ beta, bits, unknown }, seed) => {
        const total = bits.map((row) => row.reduce((sum, v) => sum + v, 0));
        if (index === 2) {
          line(context, panel, total, unknown, roles.accent, { width: seed ? 1.2 : 2.2, alpha: 0.85 });
          total.forEach((v, i) => v <= MOST_BITS && disc(context, panel.px(v), panel.py(unknown[i]), seed ? 2 : 3, roles.accent));
          return;
        }
        const x = index === 0 ? beta.map(Math.log10) : total;
        bits[0].forEach((_, digit) => digit >= this.spec.k && line(context, panel, x, bits.map((row) => row[digit]), roles.distractor, { width: 0.8, alpha: 0.35 }));
        for (let digit = 0; digit < this.spec.k; digit++) line(context, panel, x, bits.map((row) => row[digit]), roles.support, { width: seed ? 1.4 : 2.6, dash: [[], [7, 4], [2, 3]][digit] });
      });
      if (index > 0) return;
      write(context, "first three", panel.left + 8, panel.top + panel.height / 2 - 9, { colour: roles.support, bold: true, align: "left" });
      write(context, "twenty-seven others", panel.left + 8, panel.top + panel.height / 2 + 9, { colour: surface.muted, bold: true, align: "left" });
    }

    /* The level of the first seed that is nearest to the pointer, in numbers. */
    point(event) {
      const { panel, index, px, py } = this.sheet.under(event);
      if (!panel) return lab.tip(this.sheet.plot, "");
      const { beta, bits, unknown } = this.spec.seeds[0];
      const sum = (values) => values.reduce((total, v) => total + v, 0);
      const x = panel.at(px, py)[0];
      const places = index === 0 ? beta.map(Math.log10) : bits.map(sum);
      const at = places.reduce((best, v, i) => (Math.abs(v - x) < Math.abs(places[best] - x) ? i : best), 0);
      const first = bits[at].slice(0, this.spec.k).map((v) => v.toFixed(2));
      lab.tip(this.sheet.plot, `β ${beta[at]}: ${first.join(" + ")} bits, others ${sum(bits[at].slice(this.spec.k)).toFixed(2)}; ${unknown[at].toFixed(2)} unknown`, px, py);
    }

    draw() {
      this.sheet.draw((context, panel, index) => this.paint(context, panel, index));
    }
  }

  (lab.informationParts ||= {}).digits = Digits;
})();
