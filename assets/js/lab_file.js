/* A file chooser whose text goes into a store: what is too large or no text is said at once, without sending it. */
(() => {
  const lab = window.lab;
  const MOST = 1_000_000;

  const read = async (file) => {
    if (file.size > MOST) return { name: file.name, problem: `${file.name} has ${(file.size / 1e6).toFixed(1)} MB; at most ${MOST / 1e6} MB are allowed.` };
    const bytes = await file.arrayBuffer();
    try {
      return { name: file.name, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch {
      /* Older spreadsheets write Latin letters in one byte; what is no text has other bytes as well. */
      return { name: file.name, text: new TextDecoder("windows-1252").decode(bytes) };
    }
  };

  lab.fileChooser = (place, store) => {
    if (!place || place.firstChild) return;
    const input = document.createElement("input");
    Object.assign(input, { type: "file", accept: ".csv,.tsv,.txt,text/csv,text/plain", id: `${store}-input`, className: "form-control form-control-sm" });
    input.setAttribute("aria-label", "A CSV file");
    /* The time makes choosing the same file again a change. */
    const take = async (file) => file && window.dash_clientside.set_props(store, { data: { ...(await read(file)), at: Date.now() } });
    input.addEventListener("change", () => take(input.files[0]));
    place.append(input);
  };
})();
