/* The sixteen architectures of a sweep as stacked bars of outcomes; the chosen one is what the map shows.
   Widths and counts follow the thresholds of the map's sliders. */
(() => {
  const names = ["embedding", "in_projection", "collapsed_in", "collapsed_out"];
  const fixedOf = (button) => Object.fromEntries(button.dataset.architecture.split(",").map((value, i) => [names[i], value]));
  const rows = () => [...document.querySelectorAll("[data-architecture]")];

  /* Per architecture: how many models have each outcome. */
  const counted = (map) => {
    const { all } = map;
    const axes = names.map((name) => all.axes.find((axis) => axis.name === name));
    const votes = new Map();
    all.run.forEach((_, i) => {
      if (all.added[i]) return; /* a layer on top, not one of the sweep's models */
      const key = axes.map((axis) => axis.values[axis.place[i]]).join(",");
      if (!votes.has(key)) votes.set(key, all.outcomes.map(() => 0));
      votes.get(key)[map.outcome(i, all.extremes)] += 1;
    });
    return votes;
  };

  const draw = (map) => {
    const votes = counted(map);
    rows().forEach((button) => {
      const found = votes.get(button.dataset.architecture) || map.all.outcomes.map(() => 0);
      const total = found.reduce((sum, n) => sum + n, 0) || 1;
      button.setAttribute("aria-pressed", String(Object.entries(fixedOf(button)).every(([name, value]) => map.fixed[name] === value)));
      const said = [];
      /* Grokking first, as in the legend. */
      map.all.outcomes.forEach((name, k) => {
        const part = button.querySelector(`[data-part="${k}"]`);
        part.style.width = `${(100 * found[k]) / total}%`;
        part.textContent = found[k] / total > 0.06 ? found[k] : "";
        if (found[k]) said.unshift(`${found[k]} ${name}`);
      });
      button.title = said.join(", ");
      button.querySelector("[data-said]").textContent = `: ${said.join(", ")}`;
    });
  };

  document.addEventListener("lab:sweep", (event) => rows().length && draw(event.detail));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-architecture]");
    const map = button && Object.values(window.lab.sweeps).find((each) => each.root.isConnected && each.all);
    if (map) map.fix(fixedOf(button));
  });
})();
