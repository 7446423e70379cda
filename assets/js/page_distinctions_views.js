/* The pictures of information as distinctions. Each view has `arrange(width, state)` and `paint(context, panel, index, state)`. */
(() => {
  const lab = window.lab;
  const info = () => lab.information;
  const { disc, write } = lab.paint;
  /* Bits that are no more than rounding. */
  const NOTHING = 1e-9;
  const bits = (value) => `${value.toFixed(2)} bits`;
  const percent = (share) => (share > 0 && share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(share > 0.1 ? 0 : 1)} %`);

  const curve = (context, panel, f, colour, { width = 2, dash = [], points = 240 } = {}) => {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.setLineDash(dash);
    context.beginPath();
    for (let i = 0; i <= points; i++) {
      const x = panel.x[0] + ((panel.x[1] - panel.x[0]) * i) / points;
      context.lineTo(panel.px(x), panel.py(f(x)));
    }
    context.stroke();
    context.setLineDash([]);
  };
  /* Panels beside each other by shares of the width, or one above the other where there is little room. */
  const row = (width, panels, { left = 54, top = 28, bottom = 44, gap = 18, least = 620 } = {}) => {
    if (width < least) {
      let y = top;
      const stacked = panels.map(({ share, ...each }) => {
        const panel = { ...each, left, top: y, width: width - left - 12 };
        y += each.height + bottom + top;
        return panel;
      });
      return { height: y - top, panels: stacked };
    }
    let x = 0;
    const whole = panels.reduce((sum, { share }) => sum + share, 0);
    const beside = panels.map(({ share, ...each }) => {
      const room = ((width - gap * (panels.length - 1)) * share) / whole;
      const panel = { ...each, left: x + left, top, width: room - left - 12 };
      x += room + gap;
      return panel;
    });
    return { height: Math.max(...panels.map((each) => each.height)) + top + bottom, panels: beside };
  };
  const shade = (share) => {
    const palette = lab.colours().diverging;
    return palette[Math.round(share * (palette.length - 1))];
  };

  /* Text on a strong colour: the paper's, or the night's. */
  const onStrong = () => (lab.theme() === "dark" ? "#10131a" : "#ffffff");

  /* Each test splits people into two groups, as wide as they are large; the lower part of each is ill. */
  const paintGroups = (context, panel, table) => {
    const { surface } = lab.colours();
    ["A", "B"].forEach((name, k) => {
      const [y, h] = [panel.py(1.85 - k), panel.py(1.2 - k) - panel.py(1.85 - k)];
      const part = (result, ill) => [0, 1].reduce((sum, other) => sum + table[k ? 4 * other + 2 * result + ill : 4 * result + 2 * other + ill], 0);
      let start = 0;
      for (const result of [0, 1]) {
        const [size, ill] = [part(result, 0) + part(result, 1), part(result, 1)];
        const [left, wide] = [panel.px(start) + 1, panel.px(size) - panel.px(0) - 2];
        const share = size > 0 ? ill / size : 0;
        context.fillStyle = surface.rule;
        context.fillRect(left, y, wide, h);
        context.fillStyle = shade(0.86);
        context.fillRect(left, y + h * (1 - share), wide, h * share);
        const text = `${name} ${result ? "+" : "−"}`;
        if (wide > 24) write(context, text, left + wide / 2, y + h + 12, { size: 11, bold: true });
        const low = share > 0.45;
        if (wide > 56) write(context, `${percent(share)} ill`, left + wide / 2, low ? y + h - 14 : y + 14, { size: 11, bold: true, colour: low ? onStrong() : surface.text });
        start += size;
      }
    });
  };

  /* The highest point of the sum of both hills: between them if they are wide, else near each. */
  const highest = (noise) => {
    const sum = (u) => (info().gaussian(u, -1, noise) + info().gaussian(u, 1, noise)) / 2;
    return Math.max(sum(0), sum(1));
  };

  const views = {};

  views["disease-tests"] = {
    arrange: (width) =>
      row(width, [
        { share: 1, height: 190, x: [0, 1], y: [0, 2], bare: true, title: "Bits about the disease", xTicks: [0, 0.25, 0.5, 0.75, 1].map((v) => [v, String(v)]), xTitle: "bits" },
        { share: 0.9, height: 190, x: [0, 1], y: [0, 2], bare: true, title: "What each test tells apart", xTicks: [0, 0.25, 0.5, 0.75].map((v) => [v, `${100 * v} %`]), xTitle: "share of people" },
        { share: 0.8, height: 190, x: [0, 2], y: [0, 2], bare: true, title: "P(disease) after both tests", xTicks: [[0.5, "A −"], [1.5, "A +"]], yTicks: [[1.5, "B +"], [0.5, "B −"]] },
      ]),
    paint(context, panel, index, { table, found }) {
      const { roles, surface } = lab.colours();
      if (index === 0) {
        const orders = [["A", found.a, "B adds", roles.accent, roles.train], ["B", found.b, "A adds", roles.train, roles.accent]];
        orders.forEach(([first, alone, second, one, other], k) => {
          const [y, h] = [panel.py(1.85 - k), panel.py(1.2 - k) - panel.py(1.85 - k)];
          const parts = [[alone, one, `${first}: ${bits(alone)}`], [found.both - alone, other, `${second} ${bits(found.both - alone)}`], [found.whole - found.both, surface.rule, `left ${bits(found.whole - found.both)}`]];
          let start = 0;
          parts.forEach(([size, colour, text], i) => {
            context.fillStyle = colour;
            context.globalAlpha = i === 1 ? 0.75 : 1;
            context.fillRect(panel.px(start), y, panel.px(size) - panel.px(0), h);
            context.globalAlpha = 1;
            const middle = panel.px(start + size / 2);
            const room = panel.px(size) - panel.px(0);
            const told = room > 92 ? text : i === 1 && room > 36 ? `+${size.toFixed(2)}` : "";
            write(context, told, middle, y + h / 2, { size: 11, bold: true, colour: i === 2 ? surface.text : onStrong() });
            start += size;
          });
          const narrow = panel.px(found.whole) - panel.left < 90;
          write(context, `H(D) ${bits(found.whole)}`, narrow ? panel.left + 4 : panel.px(found.whole) - 4, y + h + 12, { size: 11, align: narrow ? "left" : "right", colour: surface.muted });
        });
        return;
      }
      if (index === 1) return paintGroups(context, panel, table);
      for (const a of [0, 1])
        for (const b of [0, 1]) {
          const [healthy, ill] = [table[4 * a + 2 * b], table[4 * a + 2 * b + 1]];
          const share = ill / (healthy + ill || 1);
          context.fillStyle = shade(0.5 + share / 2.4);
          context.fillRect(panel.px(a) + 2, panel.py(b + 1) + 2, panel.px(1) - panel.px(0) - 4, panel.py(0) - panel.py(1) - 4);
          const colour = share > 0.62 ? onStrong() : surface.text;
          const [x, y] = [panel.px(a + 0.5), panel.py(b + 0.5)];
          write(context, percent(share), x, y - 9, { size: 20, bold: true, colour });
          write(context, `${percent(healthy + ill)} of people`, x, y + 14, { size: 11, colour });
        }
    },
  };

  views["telegraph-line"] = {
    arrange: (width, { noise }) =>
      row(width, [
        { share: 1.5, height: 220, x: [-1 - 3.2 * Math.min(noise, 3), 1 + 3.2 * Math.min(noise, 3)], y: [0, 1.12 * highest(noise)], title: "Received voltage", xTitle: "volts", yTitle: "density", xTicks: [-8, -4, -2, -1, 0, 1, 2, 4, 8].filter((v) => Math.abs(v) <= 1 + 3 * Math.min(noise, 3)).map((v) => [v, String(v).replace("-", "−")]) },
        { share: 1, height: 220, x: [Math.log(0.2) - 0.06, Math.log(5) + 0.06], y: [0, 1.14], title: "Bits that get through", xTitle: "noise σ (volts)", yTitle: "bits", xTicks: [0.2, 0.5, 1, 2, 5].map((v) => [Math.log(v), String(v)]), yTicks: [0, 0.5, 1].map((v) => [v, String(v)]) },
      ]),
    paint(context, panel, index, { noise, carried, line }) {
      const { roles, surface } = lab.colours();
      if (index === 0) {
        curve(context, panel, (u) => info().gaussian(u, -1, noise) / 2, roles.train, { width: 2.5 });
        curve(context, panel, (u) => info().gaussian(u, 1, noise) / 2, roles.accent, { width: 2.5, dash: [7, 4] });
        curve(context, panel, (u) => (info().gaussian(u, -1, noise) + info().gaussian(u, 1, noise)) / 2, surface.muted, { width: 1 });
        write(context, "sent −1 V", panel.left + 8, panel.top + 12, { colour: roles.train, bold: true, align: "left" });
        write(context, "sent +1 V", panel.left + panel.width - 8, panel.top + 12, { colour: roles.accent, bold: true, align: "right" });
        return;
      }
      Object.assign(context, { strokeStyle: roles.accent, lineWidth: 2.5 });
      context.beginPath();
      line.forEach(([x, y]) => context.lineTo(panel.px(x), panel.py(y)));
      context.stroke();
      const [x, y] = [panel.px(Math.log(noise)), panel.py(carried)];
      Object.assign(context, { strokeStyle: surface.text, lineWidth: 1 });
      context.setLineDash([4, 3]);
      context.strokeRect(panel.left, y, x - panel.left, panel.top + panel.height - y);
      context.setLineDash([]);
      context.fillStyle = roles.accent;
      context.fillRect(panel.left, y, 16, panel.top + panel.height - y);
      disc(context, x, y, 6, roles.correct);
      const right = x > panel.left + panel.width * 0.6;
      write(context, `${carried.toFixed(4)} bits`, x + (right ? -12 : 12), y - 14, { bold: true, align: right ? "right" : "left", halo: surface.plot });
    },
  };

  const towns = ["#69A3C9", "#E77377"];
  const levels = (count) => [0, 0.25, 0.5, 0.75, 1].map((v) => [v * (count - 1) + 0.5, String(v)]);

  views["storm-heatmap"] = {
    arrange(width) {
      const side = Math.min(420, width - 80);
      const n = info().LEVELS;
      return { height: side + 84, panels: [{ left: 58, top: 28, width: side, height: side, x: [0, n], y: [0, n], bare: true, xTicks: levels(n), yTicks: levels(n), xTitle: "bits from town 1", yTitle: "bits from town 2", title: "Bits still unknown about the storm" }] };
    },
    paint(context, panel, index, { errors, front, whole, pareto, chosen }) {
      const n = info().LEVELS;
      const { surface } = lab.colours();
      const [dx, dy] = [panel.width / n, panel.height / n];
      const least = Math.min(...errors);
      const palette = lab.palette();
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const unknown = whole - least > NOTHING ? (errors[i * n + j] - least) / (whole - least) : 1;
          const word = palette[Math.round(20 + 107 * unknown)];
          context.fillStyle = `rgb(${word & 255}, ${(word >> 8) & 255}, ${(word >> 16) & 255})`;
          context.fillRect(panel.px(i), panel.py(j + 1), dx + 0.5, dy + 0.5);
        }
      const mark = ([i, j], width, colour) => {
        Object.assign(context, { strokeStyle: colour, lineWidth: width });
        context.strokeRect(panel.px(i) + 1, panel.py(j + 1) + 1, dx - 2, dy - 2);
      };
      if (pareto && whole - least > NOTHING) {
        Object.assign(context, { strokeStyle: surface.text, lineWidth: 2.5 });
        context.beginPath();
        front.forEach(([i, j]) => context.lineTo(panel.px(i + 0.5), panel.py(j + 0.5)));
        context.stroke();
        front.forEach(([i, j]) => disc(context, panel.px(i + 0.5), panel.py(j + 0.5), 3, surface.text));
      }
      mark(chosen, 3, lab.colours().roles.correct);
    },
  };

  views["storm-telegraph"] = {
    arrange(width) {
      const n = info().LEVELS;
      return row(width, [
        { share: 0.8, height: 200, x: [0, 3], y: [0, 1.02], title: "The chosen allocation", yTitle: "bits", xTicks: [[0.5, "town 1"], [1.5, "town 2"], [2.5, "unknown"]], yTicks: [0, 0.5, 1].map((v) => [v, String(v)]) },
        { share: 1.2, height: 200, x: [0, 2], y: [0, 1.02], title: "Best share per town", xTitle: "bits from both towns", yTitle: "bits from each", xTicks: [0, 0.5, 1, 1.5, 2].map((v) => [v, String(v)]), yTicks: [0, 0.5, 1].map((v) => [v, String(v)]), n },
      ], { least: 520 });
    },
    paint(context, panel, index, { errors, front, chosen }) {
      const n = info().LEVELS;
      const { surface } = lab.colours();
      const [i, j] = chosen;
      if (index === 0) {
        const values = [i / (n - 1), j / (n - 1), errors[i * n + j]];
        values.forEach((value, k) => {
          context.fillStyle = k < 2 ? towns[k] : surface.muted;
          context.fillRect(panel.px(k + 0.2), panel.py(value), panel.px(0.6) - panel.px(0), panel.py(0) - panel.py(value));
          write(context, value.toFixed(2), panel.px(k + 0.5), Math.max(panel.top + 8, panel.py(value) - 9), { bold: true });
        });
        return;
      }
      [0, 1].forEach((town) => {
        Object.assign(context, { strokeStyle: towns[town], lineWidth: 3 });
        context.setLineDash(town ? [7, 4] : []);
        context.beginPath();
        front.forEach((pair, total) => context.lineTo(panel.px(total / (n - 1)), panel.py(pair[town] / (n - 1))));
        context.stroke();
        context.setLineDash([]);
      });
      const x = panel.px((i + j) / (n - 1));
      Object.assign(context, { strokeStyle: surface.text, lineWidth: 1 });
      context.setLineDash([3, 3]);
      context.beginPath();
      context.moveTo(x, panel.top);
      context.lineTo(x, panel.top + panel.height);
      context.stroke();
      context.setLineDash([]);
      write(context, "town 1", panel.left + 8, panel.top + 12, { colour: towns[0], bold: true, align: "left", halo: surface.plot });
      write(context, "town 2 (dashed)", panel.left + 60, panel.top + 12, { colour: towns[1], bold: true, align: "left", halo: surface.plot });
    },
  };

  views["embedding-space"] = {
    arrange: (width) =>
      row(width, [
        { share: 1.6, height: 230, x: [-4.2, 4.2], y: [0, 0.95], title: "Four embeddings and the prior", xTitle: "u", yTitle: "density", xTicks: [-4, -2, 0, 2, 4].map((v) => [v, String(v).replace("-", "−")]) },
        { share: 1, height: 230, x: [0, 4], y: [4, 0], bare: true, title: "How alike (Bhattacharyya)", xTicks: [..."ABCD"].map((name, i) => [i + 0.5, name]), yTicks: [..."ABCD"].map((name, i) => [i + 0.5, name]) },
      ]),
    paint(context, panel, index, { means, sd }) {
      const { roles, surface } = lab.colours();
      const colours = [roles.correct, roles.accent, roles.train, roles.test];
      if (index === 0) {
        curve(context, panel, (u) => info().gaussian(u, 0, 1), surface.muted, { dash: [6, 4], width: 1.5 });
        means.forEach((mean, k) => {
          curve(context, panel, (u) => info().gaussian(u, mean, sd), colours[k], { width: k ? 2 : 3.2 });
          write(context, "ABCD"[k], panel.px(mean), panel.py(info().gaussian(mean, mean, sd)) - 9, { bold: true, colour: colours[k] });
        });
        write(context, "prior", panel.px(3.2), panel.py(0.06), { colour: surface.muted, size: 11 });
        return;
      }
      means.forEach((one, i) =>
        means.forEach((other, j) => {
          const alike = info().alike(one, other, sd * sd);
          context.fillStyle = lab.theme() === "dark" ? `color-mix(in srgb, #eae8e3 ${100 * alike}%, #0b3a73)` : `color-mix(in srgb, #ffffff ${100 * alike}%, #08306b)`;
          const [x, y, w, h] = [panel.px(j), panel.py(i), panel.px(j + 1) - panel.px(j), panel.py(i + 1) - panel.py(i)];
          context.fillRect(x + 1, y + 1, w - 2, h - 2);
          write(context, alike.toFixed(2), x + w / 2, y + h / 2, { colour: alike > 0.5 ? "#1c1b20" : "#ffffff", bold: true });
        })
      );
    },
  };

  lab.distinctionViews = views;
})();
