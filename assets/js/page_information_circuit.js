/* The Boolean circuit: all subsets of its inputs, the path of the bottleneck, and the gates. */
(() => {
  const lab = window.lab;
  const { disc, line, write } = lab.paint;

  const KINDS = ["AND", "OR", "XOR"];

  class Circuit {
    constructor(spec, page) {
      Object.assign(this, { spec, page });
      this.sheet = page.sheet("boolean-circuit", (width) => this.layout(width));
      this.sheet.plot.addEventListener("pointermove", (event) => this.point(event), { signal: page.abort.signal });
      this.sheet.plot.addEventListener("pointerleave", () => lab.tip(this.sheet.plot, ""), { signal: page.abort.signal });
    }

    layout(width) {
      const three = width > 900;
      const [left, top, bottom] = [54, 28, 46];
      const wide = three ? (width - 3 * left - 40) / 3 : width - left - 12;
      const high = 320;
      const place = (i) => ({ left: three ? left + i * (wide + left + 14) : left, top: three ? top : top + i * (high + top + bottom), width: wide, height: high });
      const most = Math.log10(this.spec.beta[this.spec.beta.length - 1]);
      return {
        height: (three ? 1 : 3) * (high + top + bottom),
        panels: [
          { ...place(0), x: [-0.5, 10.5], y: [0, 0.8], title: "All subsets, and the path", xTitle: "inputs kept", yTitle: "I(inputs; output), bits", xTicks: [0, 2, 4, 6, 8, 10].map((v) => [v, String(v)]), yTicks: [0, 0.2, 0.4, 0.6, 0.8].map((v) => [v, String(v)]) },
          { ...place(1), x: [-3, most], y: [0, 1.05], title: "Bits of each input", xTitle: "price β", yTitle: "bits", xTicks: [-3, -2, -1, 0].map((v) => [v, v === 0 ? "1" : `10${"⁰¹²³"[-v] ? `⁻${"⁰¹²³"[-v]}` : ""}`]), yTicks: [0, 0.5, 1].map((v) => [v, String(v)]) },
          { ...place(2), x: [-0.6, 9.6], y: [-0.6, 6.4], bare: true, title: "The circuit" },
        ],
      };
    }

    paint(context, panel, index) {
      const { roles, surface } = lab.colours();
      if (index === 0) {
        const jitter = (name) => ([...name].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 997, 7) / 997 - 0.5) * 0.55;
        this.spec.subsets.forEach(([size, bits, name]) => {
          context.globalAlpha = 0.45;
          disc(context, panel.px(size + jitter(name)), panel.py(bits), 2, surface.muted);
        });
        context.globalAlpha = 1;
        this.spec.paths.forEach((path, k) => {
          line(context, panel, path.map(([size]) => size), path.map(([, bits]) => bits), roles.correct, { width: k ? 1.2 : 2.4, alpha: 0.8 });
          path.forEach(([size, bits]) => disc(context, panel.px(size), panel.py(bits), 4.5, roles.correct));
        });
        return;
      }
      if (index === 1) {
        const x = this.spec.beta.map(Math.log10);
        const gone = (f) => this.spec.bits.findLastIndex((row) => row[f] > 0.5);
        const ranked = this.spec.bits[0].map((_, f) => f).sort((a, b) => gone(b) - gone(a));
        this.spec.bits[0].forEach((_, f) => {
          const colour = this.page.spec.bikes?.colours[f] || roles.accent;
          line(context, panel, x, this.spec.bits.map((row) => row[f]), colour, { width: 2.2 });
          const height = 0.93 - 0.09 * ranked.indexOf(f);
          const last = this.spec.bits.findLastIndex((row) => row[f] > height);
          if (last >= 0) write(context, String(f), panel.px(x[last]) + 9, panel.py(height), { bold: true, size: 11, colour, halo: lab.colours().surface.plot });
        });
        return;
      }
      const at = new Map(Array.from({ length: 10 }, (_, i) => [i, [i, 0]]));
      const depth = Array(10).fill(0);
      this.spec.gates.forEach(([, a, b], i) => {
        const level = Math.max(depth[a], depth[b]) + 1;
        depth.push(level);
        at.set(10 + i, [(at.get(a)[0] + at.get(b)[0]) / 2, level * 1.12]);
      });
      this.spec.gates.forEach(([, a, b], i) => [a, b].forEach((from) => line(context, panel, [at.get(from)[0], at.get(10 + i)[0]], [at.get(from)[1], at.get(10 + i)[1]], surface.muted, { width: 1.2 })));
      at.forEach(([x, y], node) => {
        const gate = this.spec.gates[node - 10];
        const [px, py] = [panel.px(x), panel.py(y)];
        disc(context, px, py, gate ? 14 : 10, gate ? surface.panel : surface.rule);
        context.strokeStyle = gate ? roles.accent : surface.muted;
        context.lineWidth = 1.5;
        context.stroke();
        write(context, gate ? KINDS[gate[0]] : String(node), px, py, { size: gate ? 9 : 11, bold: true });
      });
    }

    point(event) {
      const { panel, index, px, py } = this.sheet.under(event);
      if (!panel || index === 2) return lab.tip(this.sheet.plot, "");
      const [x, y] = panel.at(px, py);
      if (index === 1) return lab.tip(this.sheet.plot, this.told(x), px, py);
      const all = this.spec.subsets.filter(([size]) => Math.abs(size - x) < 0.4);
      const near = all.sort((a, b) => Math.abs(a[1] - y) - Math.abs(b[1] - y))[0];
      lab.tip(this.sheet.plot, near ? `inputs ${near[2] || "none"}: ${near[1].toFixed(4)} bits` : "", px, py);
    }

    /* The inputs that are sent at the price nearest to a place of the axis. */
    told(x) {
      const { beta, bits } = this.spec;
      const at = beta.reduce((best, v, i) => (Math.abs(Math.log10(v) - x) < Math.abs(Math.log10(beta[best]) - x) ? i : best), 0);
      const sent = bits[at].map((v, f) => [f, v]).filter(([, v]) => v > 0.02);
      return `β ${beta[at]}: ${sent.map(([f, v]) => `${f}: ${v.toFixed(2)}`).join(", ") || "nothing is sent"}`;
    }

    draw() {
      this.sheet.draw((context, panel, index) => this.paint(context, panel, index));
    }
  }

  (lab.informationParts ||= {}).circuit = Circuit;
})();
