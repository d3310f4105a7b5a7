// Draw each chart over its static picture, in the page's own theme, and again when the reader changes the theme.
(() => {
  const drawn = new WeakMap();
  const enlarged = new WeakSet(); // the figure in the dialog
  const isChinese = document.documentElement.lang.startsWith("zh");

  const theme = () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

  // An enlarged chart has larger letters, and the height that the screen leaves.
  const LARGER = 1.25, TALLER = 1.6, REST = 260;
  function enlarge(spec, config) {
    const grown = structuredClone(config);
    for (const part of ["axis", "legend", "text"]) {
      for (const name of ["fontSize", "labelFontSize", "titleFontSize", "labelLimit"]) {
        if (grown[part][name]) grown[part][name] *= LARGER;
      }
    }
    if (typeof spec.height === "number") spec.height = Math.max(spec.height, Math.min(spec.height * TALLER, innerHeight - REST));
    if (spec.height?.step) spec.height.step *= LARGER;
    return grown;
  }

  // A title is computed for the settings that the page comes with; once a control is moved, it says so.
  function tellWhenMoved(figure, spec, view) {
    const controls = (spec.params ?? []).filter(({bind, name}) => bind && !name.startsWith("walk_"));
    if (!controls.length) return;
    let note = figure.querySelector(".vega-began");
    if (!note) {
      const began = controls.map(({bind, value}) => `${bind.name.trim()}: ${value.toLocaleString("en")}`).join(isChinese ? "；" : "; ");
      note = Object.assign(document.createElement("p"), {className: "vega-began", textContent: isChinese ? `标题对应：${began}。` : `The title is for ${began}.`});
      (figure.querySelector(".vega-subtitle") ?? figure.querySelector(".vega-title")).after(note);
    }
    const tell = () => { note.hidden = controls.every(({name, value}) => view.signal(name) === value); };
    for (const {name} of controls) view.addSignalListener(name, tell);
    tell();
  }

  // A figure that one walks through says where it stands: below it, and to a screen reader.
  function sayWhere(figure, spec, view) {
    if (!(spec.params ?? []).some(({name}) => name === "walk_said")) return;
    let said = figure.querySelector(".vega-said");
    if (!said) {
      said = Object.assign(document.createElement("p"), {className: "vega-said"});
      said.setAttribute("role", "status");
      figure.querySelector(".vega-source").before(said);
    }
    const say = () => { said.textContent = view.signal("walk_said") ?? ""; };
    view.addSignalListener("walk_said", say);
    say();
  }

  async function draw(figure) {
    const spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    const host = figure.querySelector(".vega-host");
    const before = drawn.get(figure);
    const values = before ? (spec.params ?? []).map(({name}) => [name, before.view.signal(name)]) : [];
    const config = window.chartThemes[theme()];

    // The new chart is laid out unseen, so that the page does not jump.
    const box = document.createElement("div");
    box.className = "vega-view vega-unseen";
    host.append(box);
    await window.laterScripts; // Vega comes after the first picture
    const result = await vegaEmbed(box, spec, {
      actions: false,
      ast: true,
      renderer: "svg",
      config: enlarged.has(figure) ? enlarge(spec, config) : config,
    });
    for (const [name, value] of values) result.view.signal(name, value);
    await result.view.runAsync();
    tellWhenMoved(figure, spec, result.view);
    sayWhere(figure, spec, result.view);
    for (const old of [...host.children]) if (old !== box) old.remove();
    box.classList.remove("vega-unseen");
    before?.finalize();
    drawn.set(figure, result);
    figure.dispatchEvent(new CustomEvent("chart-drawn", {bubbles: true}));
  }

  // One drawing at a time for each figure, so that a quick change of theme can't leave two charts.
  const queues = new WeakMap();
  function enqueue(figure) {
    const next = (queues.get(figure) ?? Promise.resolve()).then(() => draw(figure)).catch(console.error);
    queues.set(figure, next);
  }

  const drawAll = () => document.querySelectorAll(".vega-figure").forEach(enqueue);

  // The chart itself moves into the dialog and back, so that sliders keep their places and nothing is there twice.
  function open(figure, opener) {
    const dialog = document.createElement("dialog");
    dialog.className = "enlarged-figure";
    dialog.setAttribute("aria-label", figure.querySelector(".vega-title").textContent);
    const close = Object.assign(document.createElement("button"), {type: "button", textContent: isChinese ? "关闭" : "Close"});
    close.className = "enlarged-close";
    close.addEventListener("click", () => dialog.close());
    const ground = document.createElement("div");
    ground.className = "enlarged-ground";
    ground.tabIndex = 0; // a phone scrolls it
    ground.setAttribute("role", "region");
    ground.setAttribute("aria-label", isChinese ? "放大的图" : "Enlarged figure");
    dialog.append(close, ground);

    const place = document.createElement("div");
    place.style.height = `${figure.offsetHeight}px`;
    figure.replaceWith(place);
    ground.append(figure);
    enlarged.add(figure);
    document.body.append(dialog);
    dialog.showModal();
    close.focus();
    enqueue(figure);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      enlarged.delete(figure);
      place.replaceWith(figure);
      dialog.remove();
      enqueue(figure);
      opener.focus();
    });
  }

  function addEnlarge(figure) {
    const tools = figure.querySelector(".figure-tools");
    const button = Object.assign(document.createElement("button"), {type: "button", textContent: isChinese ? "放大" : "Enlarge"});
    button.addEventListener("click", () => open(figure, button));
    tools?.prepend(button);
  }

  document.querySelectorAll(".vega-figure").forEach(addEnlarge);
  drawAll();
  new MutationObserver(drawAll).observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
  window.chartView = (figure) => drawn.get(figure)?.view;
})();
