/* The parity digits themselves: bits of each as the price rises, and what is unknown of the answer. */
(() => {
  const lab = window.lab;
  const { disc, line, write } = lab.paint;

  class Digits {
    constructor(spec, page) {
      Object.assign(this, { spec, page });
      this.sheet = page.sheet("parity-information", (width) => this.layout(width));
    }

    layout(width) {
      const two = width > 760;
      const [left, top, bottom, high] = [54, 28, 46, 290];
      const wide = two ? (width - 2 * left - 30) / 2 : width - left - 12;
      const beta = this.spec.seeds[0].beta;
      const ends = [Math.log10(beta[0]), Math.log10(beta[beta.length - 1])];
      const power = (v) => (v === 0 ? "1" : `10⁻${"⁰¹²³⁴⁵"[-v]}`);
      return {
        height: (two ? 1 : 2) * (high + top + bottom),
        panels: [
          { left, top, width: wide, height: high, x: ends, y: [0, 1.08], title: "Bits of each digit", xTitle: "price β", yTitle: "bits", xTicks: [-3, -2, -1, 0].filter((v) => v >= ends[0] && v <= ends[1]).map((v) => [v, power(v)]), yTicks: [0, 0.5, 1].map((v) => [v, String(v)]) },
          { left: two ? 2 * left + wide + 18 : left, top: two ? top : 2 * top + high + bottom, width: wide, height: high, x: [0, 6], y: [0, 1.08], title: "Unknown of the answer", xTitle: "bits in use, all digits", yTitle: "bits", xTicks: [0, 1, 2, 3, 4, 5, 6].map((v) => [v, String(v)]), yTicks: [0, 0.5, 1].map((v) => [v, String(v)]) },
        ],
      };
    }

    paint(context, panel, index) {
      const { roles, surface } = lab.colours();
      this.spec.seeds.forEach(({ beta, bits, unknown }, seed) => {
        const x = beta.map(Math.log10);
        if (index === 0) {
          bits[0].forEach((_, digit) => digit >= this.spec.k && line(context, panel, x, bits.map((row) => row[digit]), roles.distractor, { width: 0.8, alpha: 0.35 }));
          for (let digit = 0; digit < this.spec.k; digit++) line(context, panel, x, bits.map((row) => row[digit]), roles.support, { width: seed ? 1.4 : 2.6, dash: [[], [7, 4], [2, 3]][digit] });
          return;
        }
        const total = bits.map((row) => row.reduce((sum, v) => sum + v, 0));
        line(context, panel, total, unknown, roles.accent, { width: seed ? 1.2 : 2.2, alpha: 0.85 });
        total.forEach((v, i) => v <= 6 && disc(context, panel.px(v), panel.py(unknown[i]), seed ? 2 : 3, roles.accent));
      });
      if (index === 0) {
        write(context, "first three", panel.left + 8, panel.top + panel.height / 2 - 9, { colour: roles.support, bold: true, align: "left" });
        write(context, "twenty-seven others", panel.left + 8, panel.top + panel.height / 2 + 9, { colour: surface.muted, bold: true, align: "left" });
      }
    }

    draw() {
      this.sheet.draw((context, panel, index) => this.paint(context, panel, index));
    }
  }

  (lab.informationParts ||= {}).digits = Digits;
})();
