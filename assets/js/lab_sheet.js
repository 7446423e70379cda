/* Charts that are no plotly charts: one canvas per chart, with panels that have axes in the theme's colours.
   What does not move (grounds, grids, ticks, titles) is painted once and copied in every frame. */
(() => {
  const lab = window.lab;
  const FONT = "Inter, system-ui, sans-serif";

  /* Marks inside a panel, in the values of its axes, and text and discs at places of the sheet. */
  lab.paint = {
    write: (context, text, x, y, { colour, size = 12, bold = false, align = "center", halo = null } = {}) => {
      Object.assign(context, { fillStyle: colour || lab.colours().surface.text, font: `${bold ? 650 : 450} ${size}px ${FONT}`, textAlign: align, textBaseline: "middle" });
      if (halo) {
        Object.assign(context, { strokeStyle: halo, lineWidth: 4, lineJoin: "round" });
        context.strokeText(text, x, y);
      }
      context.fillText(text, x, y);
    },
    line: (context, panel, xs, ys, colour, { width = 2, dash = [], alpha = 1 } = {}) => {
      Object.assign(context, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha });
      context.setLineDash(dash);
      context.beginPath();
      xs.forEach((x, i) => context.lineTo(panel.px(x), panel.py(ys[i])));
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
    },
    /* Between two curves over the same xs. */
    band: (context, panel, xs, lows, highs, colour, alpha = 0.25) => {
      Object.assign(context, { fillStyle: colour, globalAlpha: alpha });
      context.beginPath();
      xs.forEach((x, i) => context.lineTo(panel.px(x), panel.py(highs[i])));
      for (let i = xs.length - 1; i >= 0; i--) context.lineTo(panel.px(xs[i]), panel.py(lows[i]));
      context.fill();
      context.globalAlpha = 1;
    },
    disc: (context, x, y, radius, colour) => {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    },
    /* A matrix of shares (n rows of n), 1 as the paper, 0 as dark blue, over a whole panel. */
    matrix: (context, panel, values, size) => {
      const dark = lab.theme() === "dark";
      const [low, high] = [[8, 48, 107], dark ? [234, 232, 227] : [255, 255, 255]];
      const buffer = document.createElement("canvas");
      [buffer.width, buffer.height] = [size, values.length / size];
      const image = new ImageData(size, values.length / size);
      values.forEach((v, i) => {
        for (let c = 0; c < 3; c++) image.data[4 * i + c] = low[c] + (high[c] - low[c]) * Math.min(1, Math.max(0, v));
        image.data[4 * i + 3] = 255;
      });
      buffer.getContext("2d").putImageData(image, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(buffer, panel.left, panel.top, panel.width, panel.height);
    },
  };

  /* A line of text beside the pointer, live while the step moves. */
  lab.tip = (plot, text, x, y) => {
    let box = plot.querySelector(":scope > .weight-tip");
    if (!box) {
      box = document.createElement("div");
      box.className = "weight-tip";
      plot.append(box);
    }
    box.hidden = !text;
    if (!text) return;
    box.textContent = text;
    const left = Math.min(Math.max(0, x + 14), plot.clientWidth - box.offsetWidth - 4);
    box.style.transform = `translate(${left}px, ${Math.max(0, y - 34)}px)`;
  };

  /* Whole numbers, evenly spread, at most `count` of them, the last one within `max`. */
  lab.ticks = (max, count) => {
    const raw = Math.max(1, max / count);
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
  };

  /* One drawing area. x and y are the values at its edges; a panel without ticks has no axis. */
  class Panel {
    constructor(options) {
      Object.assign(this, { left: 0, top: 0, width: 100, height: 100, x: [0, 1], y: [0, 1], xTicks: [], yTicks: [] }, options);
    }

    px(value) {
      return this.left + ((value - this.x[0]) / (this.x[1] - this.x[0])) * this.width;
    }

    py(value) {
      return this.top + this.height - ((value - this.y[0]) / (this.y[1] - this.y[0])) * this.height;
    }

    /* The values at a point of the sheet. */
    at(px, py) {
      return [
        this.x[0] + ((px - this.left) / this.width) * (this.x[1] - this.x[0]),
        this.y[0] + ((this.top + this.height - py) / this.height) * (this.y[1] - this.y[0]),
      ];
    }

    has(px, py) {
      return px >= this.left && py >= this.top && px <= this.left + this.width && py <= this.top + this.height;
    }

    paintGround(context, { surface }) {
      context.fillStyle = surface.plot;
      context.fillRect(this.left, this.top, this.width, this.height);
      context.strokeStyle = surface.grid;
      context.lineWidth = 1;
      context.beginPath();
      if (!this.bare) {
        this.xTicks.forEach(([value]) => (context.moveTo(this.px(value), this.top), context.lineTo(this.px(value), this.top + this.height)));
        this.yTicks.forEach(([value]) => (context.moveTo(this.left, this.py(value)), context.lineTo(this.left + this.width, this.py(value))));
      }
      context.stroke();
      this.label(context, surface);
    }

    label(context, surface) {
      const write = (text, x, y, align, baseline, font, colour) => {
        Object.assign(context, { textAlign: align, textBaseline: baseline, font: `${font} ${FONT}`, fillStyle: colour });
        context.fillText(text, x, y);
      };
      const { left, top, width, height } = this;
      this.xTicks.forEach(([value, text]) => write(text, this.px(value), top + height + 5, "center", "top", "11px", surface.muted));
      this.yTicks.forEach(([value, text]) => write(text, left - 6, this.py(value), "right", "middle", "11px", surface.muted));
      if (this.title) write(this.title, left, top - 6, "left", "bottom", "600 12px", surface.text);
      if (this.xTitle) write(this.xTitle, left + width / 2, top + height + 20, "center", "top", "12px", surface.muted);
      if (!this.yTitle) return;
      context.save();
      context.translate(left - 34, top + height / 2);
      context.rotate(-Math.PI / 2);
      write(this.yTitle, 0, 0, "center", "bottom", "12px", surface.muted);
      context.restore();
    }
  }

  /* A canvas in `plot`; `arrange(width)` says how high it is and which panels it has. */
  lab.Sheet = class {
    constructor(plot, arrange) {
      Object.assign(this, { plot, arrange });
      this.canvas = document.createElement("canvas");
      this.canvas.className = "sheet";
      this.ground = document.createElement("canvas");
      plot.querySelectorAll(":scope > .sheet").forEach((old) => old.remove());
      plot.prepend(this.canvas);
      this.watch = new ResizeObserver(() => this.plot.clientWidth && this.plot.clientWidth !== this.width && this.refresh());
      this.watch.observe(plot);
    }

    refresh() {
      const ratio = window.devicePixelRatio || 1;
      this.width = this.plot.clientWidth;
      const { height, panels } = this.arrange(this.width);
      this.panels = panels.map((options) => new Panel(options));
      for (const canvas of [this.canvas, this.ground]) {
        [canvas.width, canvas.height] = [Math.round(this.width * ratio), Math.round(height * ratio)];
        canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
      }
      this.height = height;
      this.plot.style.minHeight = "0"; /* the room that was kept for it */
      this.canvas.style.height = `${height}px`;
      const context = this.ground.getContext("2d");
      this.panels.forEach((panel) => panel.paintGround(context, lab.colours()));
      this.changed?.();
    }

    /* A frame: the ground, and what `paint(context, panel, index)` adds to each panel, clipped to it. */
    draw(paint) {
      if (!this.panels) this.refresh();
      if (!this.width) return;
      const context = this.canvas.getContext("2d");
      context.clearRect(0, 0, this.width, this.height);
      context.drawImage(this.ground, 0, 0, this.width, this.height);
      this.panels.forEach((panel, index) => {
        context.save();
        context.beginPath();
        context.rect(panel.left - 1, panel.top - 1, panel.width + 2, panel.height + 2);
        context.clip();
        paint(context, panel, index);
        context.restore();
      });
    }

    /* The panel under the pointer, and the place on the sheet. */
    under(event) {
      const box = this.canvas.getBoundingClientRect();
      const [px, py] = [event.clientX - box.left, event.clientY - box.top];
      const index = (this.panels || []).findIndex((panel) => panel.has(px, py));
      return { panel: this.panels?.[index], index, px, py };
    }

    /* As an SVG around the picture, for downloads. */
    export() {
      const { width, height } = this;
      const picture = `<image width="${width}" height="${height}" href="${this.canvas.toDataURL()}"/>`;
      const ground = `<rect width="${width}" height="${height}" fill="${lab.colours().surface.page}"/>`;
      return { width, height, svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${ground}${picture}</svg>` };
    }
  };
})();
