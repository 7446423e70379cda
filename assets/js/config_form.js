/* Validation in the browser, by the same declaration that the server uses. */
(() => {
  const problem = (field, raw) => {
    const text = String(raw ?? "").trim();
    const want = { int: "a whole number, ", float: "a number, " }[field.kind] || "";
    const refuse = `${text === "" ? "Nothing" : `“${text.slice(0, 40)}”`} is not allowed; give ${want}${field.range_text}.`;
    if (field.kind === "text") return new RegExp(`^(?:${field.pattern})$`).test(text) ? "" : refuse;
    if (field.kind === "choice") return field.choices.includes(text) ? "" : refuse;
    const written = field.kind === "int" ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
    const number = written.test(text) ? Number(text) : NaN;
    if (!Number.isFinite(number)) return refuse;
    return number < field.minimum || number > field.maximum ? refuse : "";
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.config_form = {
    check: (values, spec) => {
      const messages = spec.fields.map((field, i) => problem(field, values[i]));
      const named = Object.fromEntries(spec.fields.map((field, i) => [field.name, String(values[i] ?? "").trim()]));
      return [messages, messages.map(Boolean), { task: spec.task, values: named, ok: !messages.some(Boolean) }];
    },
    /* The address follows the job that is watched, without a request. */
    watch: (id) => {
      if (id) window.history.replaceState(window.history.state, "", `${window.location.pathname}?job=${encodeURIComponent(id)}`);
      return window.dash_clientside.no_update;
    },
    /* A config that was trained before opens its run at once. */
    open: (result) => {
      if (result && result.open) window.lab.navigate(result.open);
      return window.dash_clientside.no_update;
    },
  };
})();
