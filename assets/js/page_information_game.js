/* The game of sixteen tiles: the board, the training that is followed, and everything at any recorded step. */
(() => {
  const lab = window.lab;
  const { disc, line, matrix, write } = lab.paint;
  const LETTERS = ["ABCD", "abcd"];
  const PLAIN = "All tiles are the same: there is nothing to tell apart. Turn one.";
  const gauss = (u, mean, deviation) => Math.exp(-0.5 * ((u - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));

  const frame = (context, panel, values) => {
    matrix(context, panel, values, 4);
    context.strokeStyle = lab.colours().surface.muted;
    context.lineWidth = 1;
    context.strokeRect(panel.left, panel.top, panel.width, panel.height);
  };

  class Game {
    constructor(spec, page) {
      Object.assign(this, { spec, page, board: spec.board, recorded: spec.recorded, next: spec.next, seed: spec.seed ?? 0, follows: true });
      const signal = page.abort.signal;
      this.root = document.getElementById("game");
      this.slider = document.getElementById("game-level");
      this.sheets = {
        truth: page.sheet("pixel-game-gt", (width) => this.truthLayout(width)),
        plane: page.sheet("pixel-game-info-plane", (width) => this.planeLayout(width)),
        latents: page.sheet("pixel-game-latents", (width) => this.latentsLayout(width)),
      };
      this.sheets.plane.plot.addEventListener("pointermove", (event) => this.point(event), { signal });
      this.sheets.plane.plot.addEventListener("pointerleave", () => lab.tip(this.sheets.plane.plot, ""), { signal });
      this.slider.addEventListener("input", () => ((this.follows = false), this.pause(), this.set(Number(this.slider.value))), { signal });
      this.root.addEventListener("click", (event) => this.click(event.target), { signal });
      this.level = this.oneBit();
      this.show();
      if (spec.live !== null && spec.live !== undefined) this.train(spec.live);
      else this.idle();
    }

    get last() {
      return (this.recorded?.step.length ?? 1) - 1;
    }

    tile(i) {
      return (this.board >> i) & 1;
    }

    get isPlain() {
      return this.board === 0 || this.board === 0xffff;
    }

    click(target) {
      const [tile, preset] = [target.closest("[data-tile]"), target.closest("[data-board]")];
      if (tile) this.choose(this.board ^ (1 << Number(tile.dataset.tile)));
      if (preset) this.choose(preset.dataset.board === "chance" ? 1 + Math.floor(Math.random() * 0xfffe) : Number(preset.dataset.board));
      if (target.closest("#game-train")) this.next === null ? this.wait() : this.train(this.next);
      if (target.closest("#game-play")) this.playing ? this.pause() : this.play();
    }

    /* Another board: what was recorded is of the old one; the server is asked whether it knows the new one. */
    choose(board) {
      this.pause();
      Object.assign(this, { board, recorded: null, level: 0, next: null, nonce: null, follows: true, waits: false });
      const url = new URL(window.location.href);
      board === this.spec.usual ? url.searchParams.delete("board") : url.searchParams.set("board", board);
      window.history.replaceState(window.history.state, "", url);
      this.show();
      if (this.isPlain) return this.say(PLAIN);
      this.say("Press Train: the network learns this board in a few seconds.");
      this.ask("game-look", { board, nonce: Math.random() });
    }

    /* Train was pressed before the server has said which seed is the next one. */
    wait() {
      if (this.isPlain) return this.say(PLAIN);
      this.waits = true;
      this.say("Starting …");
    }

    ask(store, data) {
      window.dash_clientside.set_props(store, { data });
    }

    train(seed) {
      if (this.isPlain || seed === null || seed === undefined) return;
      this.pause();
      Object.assign(this, { nonce: String(Math.random()), recorded: null, level: 0, follows: true, waits: false, seed });
      this.updates = [];
      this.show();
      this.say("Starting …");
      this.ask("game-go", { board: this.board, seed, nonce: this.nonce });
    }

    /* What the server found of a board, or tells of a training; of another board or call it is not for us. */
    take(told) {
      if (!told || told.board !== this.board) return;
      if ("next" in told && !("state" in told)) {
        if (this.nonce) return;
        this.next = told.next;
        if (told.live !== null && told.live !== undefined) return this.train(told.live);
        if (this.waits) return this.train(this.next);
        if (told.recorded) {
          this.keep(told.recorded, told.seed);
          this.set(this.oneBit());
          this.idle();
        }
        return;
      }
      if (told.nonce !== undefined && told.nonce !== this.nonce) return;
      if (told.problem) {
        Object.assign(this, { waits: false, nonce: null, next: this.next ?? 0 });
        return this.say(told.problem);
      }
      if (told.recorded) this.keep(told.recorded, told.seed);
      this.updates?.push(performance.now());
      this.tell(told);
    }

    tell({ state, step, seconds, message, seed, last }) {
      const of = this.spec.steps.toLocaleString("en");
      const said = {
        queued: "Queued: it starts when a training before it ends.",
        running: `Training, seed ${seed}: step ${step.toLocaleString("en")} of ${of}.`,
        cancelled: `Stopped at step ${step.toLocaleString("en")}; what there is, is kept. Train goes on from there.`,
        done: `Done in ${seconds} s, seed ${seed}. Move the slider, or press Train for another seed.`,
      };
      this.say(said[state] || message || state);
      if (last && (state === "queued" || state === "running")) {
        /* The call that followed it has ended before the training: follow it with another one. */
        this.nonce = String(Math.random());
        return this.ask("game-go", { board: this.board, seed, nonce: this.nonce });
      }
      if (state !== "queued" && state !== "running") {
        if (state === "done") this.next = seed + 1;
        else this.next = seed;
        this.nonce = null;
      }
    }

    keep(recorded, seed) {
      const atEnd = this.follows || this.level >= this.last;
      Object.assign(this, { recorded, seed });
      if (atEnd) this.level = this.last;
      this.show();
    }

    /* The recorded step after the peak at which the lines use a bit in all: where a finished run is opened. */
    oneBit() {
      const total = this.recorded?.bits.map(([a, b]) => a + b) ?? [0];
      const peak = total.indexOf(Math.max(...total));
      return total.reduce((best, v, i) => (i >= peak && Math.abs(v - 1) < Math.abs(total[best] - 1) ? i : best), peak);
    }

    idle() {
      if (this.isPlain) return this.say(PLAIN);
      this.say(this.recorded ? `Trained before, seed ${this.seed}: move the slider, or press Train to watch another seed.` : "Press Train: the network learns this board in a few seconds.");
    }

    set(level) {
      this.level = Math.max(0, Math.min(this.last, level));
      this.show();
    }

    play() {
      if (!this.recorded) return;
      if (this.level >= this.last) this.level = 0;
      this.follows = false;
      document.getElementById("game-play").textContent = "Pause";
      this.playing = setInterval(() => (this.level >= this.last || !this.root.isConnected ? this.pause() : this.set(this.level + 1)), 40);
    }

    pause() {
      clearInterval(this.playing);
      this.playing = null;
      const button = document.getElementById("game-play");
      if (button) button.textContent = "Play";
    }

    say(text) {
      const place = document.getElementById("game-said");
      if (place.textContent !== text) place.textContent = text;
    }

    show() {
      this.slider.max = this.last;
      this.slider.value = this.level;
      this.slider.disabled = !this.recorded;
      document.getElementById("game-play").disabled = !this.recorded;
      const at = this.recorded ? `step ${this.recorded.step[this.level]}, β ${this.recorded.beta[this.level]}` : "–";
      document.getElementById("game-level-value").textContent = at;
      this.slider.setAttribute("aria-valuetext", at);
      this.root.querySelectorAll("[data-tile]").forEach((tile) => tile.setAttribute("aria-pressed", String(Boolean(this.tile(Number(tile.dataset.tile))))));
      this.root.querySelectorAll("[data-board]").forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.board === String(this.board))));
      const tiles = Array.from({ length: 16 }, (_, i) => this.tile(i));
      const exact = lab.information.board(tiles);
      const learned = this.recorded ? lab.information.told(tiles, this.recorded.table[this.level]) : {};
      for (const key of ["H", "X1", "X2", "both"]) {
        this.root.querySelector(`[data-exact="${key}"]`).textContent = exact[key].toFixed(4);
        this.root.querySelector(`[data-learned="${key}"]`).textContent = key in learned ? Math.max(0, learned[key]).toFixed(4) : "–";
      }
      Object.assign(this, { exact, learned });
      this.page.request();
    }

    /* ---- pictures ---- */
    truthLayout(width) {
      const side = Math.min(190, width - 40);
      const ticks = (letters) => [...letters].map((letter, i) => [i + 0.5, letter]);
      return { height: side + 50, panels: [{ left: 26, top: 24, width: side, height: side, x: [0, 4], y: [4, 0], bare: true, title: "painted", xTicks: ticks(LETTERS[0]), yTicks: ticks(LETTERS[1]) }] };
    }

    paintTruth(context, panel) {
      if (!this.recorded) return write(context, "not trained yet", panel.left + panel.width / 2, panel.top + panel.height / 2, { colour: lab.colours().surface.muted });
      frame(context, panel, this.recorded.said[this.level].map((v) => 1 - v));
    }

    planeLayout(width) {
      return { height: 300, panels: [{ left: 54, top: 26, width: width - 54 - 48, height: 226, x: [0, 4], y: [0, 0.3], title: "", xTitle: "bits in use, both lines", yTitle: "error (MSE)", xTicks: [0, 1, 2, 3, 4].map((v) => [v, String(v)]), yTicks: [0, 0.1, 0.2, 0.3].map((v) => [v, String(v)]) }] };
    }

    paintPlane(context, panel) {
      if (!this.recorded) return;
      const { roles, surface } = lab.colours();
      const { bits, error } = this.recorded;
      const total = bits.map(([a, b]) => a + b);
      const peak = total.indexOf(Math.max(...total));
      const scaled = (f) => bits.map((row) => (row[f] / 2) * 0.3);
      const parts = [[error, surface.text, []], [scaled(0), roles.train, []], [scaled(1), roles.test, []]];
      for (const [values, colour] of parts) {
        line(context, panel, total.slice(0, peak + 1), values.slice(0, peak + 1), colour, { alpha: 0.22, width: 1.5 });
        line(context, panel, total.slice(peak), values.slice(peak), colour, { width: 2.2 });
        const [x, y] = [panel.px(total[this.level]), panel.py(values[this.level])];
        disc(context, x, y, 5.5, colour);
        disc(context, x, y, 2.5, surface.plot);
      }
    }

    /* The right axis and the legend; they are not clipped to the panel. */
    paintAxis() {
      const sheet = this.sheets.plane;
      const [panel] = sheet.panels;
      const context = sheet.canvas.getContext("2d");
      const { roles, surface } = lab.colours();
      [0, 0.5, 1, 1.5, 2].forEach((v) => write(context, String(v), panel.left + panel.width + 14, panel.py((v / 2) * 0.3), { size: 11, colour: surface.muted }));
      context.save();
      context.translate(panel.left + panel.width + 38, panel.top + panel.height / 2);
      context.rotate(Math.PI / 2);
      write(context, "bits of each line", 0, 0, { colour: surface.muted });
      context.restore();
      [["error", surface.text], ["X1, column", roles.train], ["X2, row", roles.test]].forEach(([text, colour], i) => write(context, text, panel.left + 6 + [0, 48, 134][i], 12, { colour, bold: true, align: "left" }));
    }

    point(event) {
      const { panel, px, py } = this.sheets.plane.under(event);
      if (!panel || !this.recorded) return lab.tip(this.sheets.plane.plot, "");
      const { bits, error, beta, step } = this.recorded;
      const distance = (i) => Math.hypot(panel.px(bits[i][0] + bits[i][1]) - px, panel.py(error[i]) - py);
      const at = bits.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
      const text = `step ${step[at]}, β ${beta[at]}: X1 ${bits[at][0].toFixed(2)} + X2 ${bits[at][1].toFixed(2)} bits, error ${error[at].toFixed(3)}`;
      lab.tip(this.sheets.plane.plot, distance(at) < 40 ? text : "", px, py);
    }

    latentsLayout(width) {
      const two = width > 620;
      const [top, bottom, side] = [26, 40, two ? Math.min(180, width / 8 + 60) : 150];
      const room = two ? width / 2 : width;
      const ticks = [-4, -2, 0, 2, 4].map((v) => [v, String(v).replace("-", "−")]);
      const panels = LETTERS.flatMap((letters, f) => {
        const [x, y] = two ? [f * room, top] : [0, top + f * (side + top + bottom)];
        const names = [...letters].map((letter, i) => [i + 0.5, letter]);
        return [
          { left: x + 20, top: y, width: room - side - 62, height: side, x: [-4, 4], y: [0, 2], title: ["X1, column", "X2, row"][f], xTitle: "what is sent, u", xTicks: ticks },
          { left: x + room - side - 12, top: y, width: side, height: side, x: [0, 4], y: [4, 0], bare: true, title: "alike", xTicks: names, yTicks: names },
        ];
      });
      return { height: (two ? 1 : 2) * (side + top + bottom), panels };
    }

    paintLatents(context, panel, index) {
      if (!this.recorded) return;
      const f = index >> 1;
      const rows = Array.from({ length: 4 }, (_, i) => this.recorded.table[this.level].slice(2 * (4 * f + i), 2 * (4 * f + i) + 2));
      const { roles, surface } = lab.colours();
      if (index % 2) return frame(context, panel, this.alike(rows));
      const us = Array.from({ length: 241 }, (_, i) => -4 + i / 30);
      line(context, panel, us, us.map((u) => gauss(u, 0, 1)), surface.muted, { dash: [4, 4], width: 1.2 });
      const colour = f ? roles.test : roles.train;
      rows.forEach(([mean, logs], i) => {
        const deviation = Math.exp(logs / 2);
        line(context, panel, us, us.map((u) => gauss(u, mean, deviation)), colour, { width: 2, dash: [[], [7, 3], [2, 3], [7, 3, 2, 3]][i] });
        const top = Math.min(1.86, gauss(0, 0, deviation));
        /* Letters that would lie on each other stand side by side. */
        const before = rows.slice(0, i).filter(([other]) => Math.abs(other - mean) < 0.3).length;
        write(context, LETTERS[f][i], panel.px(Math.max(-3.9, Math.min(3.6, mean))) + 12 * before, panel.py(top) - 9, { bold: true, size: 13, colour });
      });
    }

    alike(rows) {
      return rows.flatMap((one) => rows.map((other) => Math.exp(lab.information.logAlike(...one, ...other))));
    }

    draw() {
      this.sheets.truth.draw((context, panel) => this.paintTruth(context, panel));
      this.sheets.plane.draw((context, panel) => this.paintPlane(context, panel));
      if (this.sheets.plane.panels) this.paintAxis();
      this.sheets.latents.draw((context, panel, index) => this.paintLatents(context, panel, index));
    }
  }

  (lab.informationParts ||= {}).game = Game;
})();
