/* The page of information decomposition: its parts, each in a file of its own, and what they share. */
(() => {
  const lab = window.lab;

  class InformationPage {
    constructor(spec) {
      Object.assign(this, { spec, abort: new AbortController(), watched: [] });
      this.root = document.getElementById("information");
      lab.ranges(this.root);
      lab.fileChooser?.(document.getElementById("own-choose"), "own-file");
      this.parts = Object.entries(lab.informationParts).flatMap(([name, Part]) => (spec[name] ? [(this[name] = new Part(spec[name], this))] : []));
      document.addEventListener("lab:theme", () => this.watched.forEach((sheet) => sheet.refresh()), { signal: this.abort.signal });
      this.request();
    }

    sheet(id, arrange) {
      const sheet = new lab.Sheet(document.getElementById(id), arrange);
      sheet.changed = () => this.request();
      lab.drawings[id] = () => sheet.export();
      this.watched.push(sheet);
      return sheet;
    }

    request() {
      this.frame ||= requestAnimationFrame(() => {
        this.frame = null;
        if (!this.root.isConnected) return this.unmount();
        const started = performance.now();
        this.parts.forEach((part) => part.draw());
        this.frameMs = performance.now() - started;
      });
    }

    unmount() {
      this.abort.abort();
      this.watched.forEach((sheet) => sheet.watch.disconnect());
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.information = {
    mount: (spec) => {
      lab.informationPage?.unmount();
      lab.informationPage = spec ? new InformationPage(spec) : null;
      return "mounted";
    },
    /* What the server found or tells of the game of tiles. */
    take: (told) => {
      lab.informationPage?.game?.take(told);
      return window.dash_clientside.no_update;
    },
  };
})();
