/* Information of small tables and channels, in bits: the same as dashboard/analysis/information.py, its oracle. */
(() => {
  const lab = window.lab;
  const information = (lab.information = {});
  const plogp = (p) => (p > 0 ? -p * Math.log2(p) : 0);
  const binary = (p) => plogp(p) + plogp(1 - p);

  information.entropy = (table) => table.reduce((sum, p) => sum + plogp(p), 0);
  information.binary = binary;

  /* p(a, b, d) as eight numbers, d running fastest. */
  information.diagnosis = ({ prevalence, sA, cA, sB, cB }) => {
    const table = [];
    for (const a of [0, 1])
      for (const b of [0, 1])
        for (const d of [0, 1]) {
          const positive = [d ? sA : 1 - cA, d ? sB : 1 - cB];
          table.push((d ? prevalence : 1 - prevalence) * (a ? positive[0] : 1 - positive[0]) * (b ? positive[1] : 1 - positive[1]));
        }
    return table;
  };

  /* H(D), I(D;A), I(D;B) and I(D;A,B) of such a table. */
  information.tests = (table) => {
    const sum = (keep) => {
      const found = new Map();
      table.forEach((p, i) => {
        const key = keep.map((bit) => (i >> bit) & 1).join("");
        found.set(key, (found.get(key) || 0) + p);
      });
      return information.entropy([...found.values()]);
    };
    const [D, B, A] = [0, 1, 2];
    const whole = sum([D]);
    const about = (tests) => whole + sum(tests) - sum([...tests, D]);
    return { whole, a: about([A]), b: about([B]), both: about([A, B]) };
  };

  const SQRT_TAU = Math.sqrt(2 * Math.PI);
  information.gaussian = (x, mean, sd) => Math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * SQRT_TAU);

  /* I(X;U) of Gaussians with shares, by trapezoids over ten deviations on both sides. */
  information.mixture = (means, sds, shares, points = 1601) => {
    const edge = 10 * Math.max(...sds);
    const [low, high] = [Math.min(...means) - edge, Math.max(...means) + edge];
    const width = (high - low) / (points - 1);
    let total = 0;
    for (let i = 0; i < points; i++) {
      const u = low + i * width;
      const each = means.map((mean, k) => information.gaussian(u, mean, sds[k]));
      const mixed = each.reduce((sum, p, k) => sum + shares[k] * p, 0);
      const here = each.reduce((sum, p, k) => sum + (p > 0 ? shares[k] * p * Math.log2(p / mixed) : 0), 0);
      total += (i === 0 || i === points - 1 ? 0.5 : 1) * width * here;
    }
    return total;
  };
  information.telegraph = (noise) => information.mixture([-1, 1], [noise, noise], [0.5, 0.5], 3201);

  information.flip = (bits) => {
    let [low, high] = [0, 0.5];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (1 - binary(middle) > bits) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };

  const LEVELS = 20;
  const FLIPS = Array.from({ length: LEVELS }, (_, k) => information.flip(k / (LEVELS - 1)));
  information.LEVELS = LEVELS;

  /* H(Y|U1, U2) for every allocation, row by row of town 1; `stormy` is P(Y = 1) for 00, 01, 10, 11. */
  information.storm = (stormy) => {
    const errors = new Float64Array(LEVELS * LEVELS);
    for (let i = 0; i < LEVELS; i++)
      for (let j = 0; j < LEVELS; j++) {
        const [e, f] = [FLIPS[i], FLIPS[j]];
        let unknown = 0;
        for (const u of [0, 1])
          for (const v of [0, 1]) {
            let p = 0;
            for (const x of [0, 1]) for (const y of [0, 1]) p += (x === u ? 1 - e : e) * (y === v ? 1 - f : f) * stormy[2 * x + y];
            unknown += binary(p) / 4;
          }
        errors[i * LEVELS + j] = unknown;
      }
    return errors;
  };

  /* The allocation of least error for each total; ties go to the more even one. */
  information.front = (errors) =>
    Array.from({ length: 2 * LEVELS - 1 }, (_, total) => {
      let best = null;
      for (let i = Math.max(0, total - LEVELS + 1); i <= Math.min(total, LEVELS - 1); i++) {
        const key = [Number(errors[i * LEVELS + total - i].toFixed(12)), Math.abs(2 * i - total), i];
        if (!best || key.find((v, k) => v !== best[k]) < best[key.findIndex((v, k) => v !== best[k])]) best = key;
      }
      return [best[2], total - best[2]];
    });

  /* KL to the standard normal, in bits. */
  information.kl = (mean, logVariance) => (0.5 * (mean * mean + Math.exp(logVariance) - logVariance - 1)) / Math.LN2;

  /* Logarithm of the Bhattacharyya coefficient of two Gaussians on a line, given by means and log variances. */
  information.logAlike = (m, a, n, b) => {
    const total = Math.exp(a) + Math.exp(b);
    return 0.5 * (Math.LN2 + 0.5 * (a + b) - Math.log(total)) - (m - n) ** 2 / (4 * total);
  };
  information.alike = (one, other, variance) => Math.exp(information.logAlike(one, Math.log(variance), other, Math.log(variance)));

  const entropyOf = (shares) => shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log2(p) : 0), 0);
  /* I(X;Y) of joint shares [p(x, 0), p(x, 1)], in bits. */
  const tells = (joint) => {
    const [none, all] = [0, 1].map((y) => joint.reduce((sum, pair) => sum + pair[y], 0));
    return entropyOf([none, all]) + entropyOf(joint.map(([a, b]) => a + b)) - entropyOf(joint.flat());
  };

  /* Of sixteen tiles (0 or 1, tile 4 · row + column): entropy of the colour, what each line and both tell, in bits. */
  information.board = (tiles) => {
    const joint = tiles.map((y) => (y ? [0, 1 / 16] : [1 / 16, 0]));
    const along = (line) => Array.from({ length: 4 }, (_, x) => joint.filter((_, i) => (line ? i >> 2 : i % 4) === x).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]));
    return { H: entropyOf([0, 1].map((y) => joint.reduce((sum, pair) => sum + pair[y], 0))), X1: tells(along(0)), X2: tells(along(1)), both: tells(joint) };
  };

  /* What arrives through both lines' channels (mean, log variance of A … D, a … d, flat) tells of the colour, in bits. */
  information.told = (tiles, table, points = 121) => {
    const densities = (f) => {
      const rows = Array.from({ length: 4 }, (_, i) => [table[8 * f + 2 * i], Math.exp(table[8 * f + 2 * i + 1] / 2)]);
      const [low, high] = [Math.min(...rows.map(([m, s]) => m - 4 * s)), Math.max(...rows.map(([m, s]) => m + 4 * s))];
      return rows.map(([m, s]) => {
        const p = Array.from({ length: points }, (_, k) => Math.exp(-0.5 * ((low + ((high - low) * k) / (points - 1) - m) / s) ** 2));
        const sum = p.reduce((a, b) => a + b, 0);
        return p.map((v) => v / sum);
      });
    };
    const [first, second] = [densities(0), densities(1)];
    const joint = [];
    const [byFirst, bySecond] = [0, 1].map(() => Array.from({ length: points }, () => [0, 0]));
    const columns = Array.from({ length: points }, (_, u) => first.map((row) => row[u]));
    const rows = Array.from({ length: points }, (_, v) => second.map((row) => row[v]));
    columns.forEach((p, u) => {
      /* For each row of the board the share of dark tiles at this u. */
      const dark = [0, 1, 2, 3].map((j) => p.reduce((sum, share, i) => sum + share * tiles[4 * j + i], 0));
      const all = p.reduce((sum, share) => sum + share, 0);
      rows.forEach((q, v) => {
        const one = (q[0] * dark[0] + q[1] * dark[1] + q[2] * dark[2] + q[3] * dark[3]) / 16;
        const none = Math.max(0, (all * (q[0] + q[1] + q[2] + q[3])) / 16 - one);
        joint.push([none, one]);
        byFirst[u][0] += none;
        byFirst[u][1] += one;
        bySecond[v][0] += none;
        bySecond[v][1] += one;
      });
    });
    return { X1: tells(byFirst), X2: tells(bySecond), both: tells(joint) };
  };
})();
