// Draw each chart over its static picture, in the page's own theme, and again when the reader changes the theme.
(() => {
  const drawn = new WeakMap();

  const theme = () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

  async function draw(figure) {
    const spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    const host = figure.querySelector(".vega-host");
    const before = drawn.get(figure);
    const values = before ? (spec.params ?? []).map(({name}) => [name, before.view.signal(name)]) : [];

    // The new chart is laid out unseen, so that the page does not jump.
    const box = document.createElement("div");
    box.className = "vega-view vega-unseen";
    host.append(box);
    await window.laterScripts; // Vega comes after the first picture
    const result = await vegaEmbed(box, spec, {
      actions: false,
      ast: true,
      renderer: "svg",
      config: window.chartThemes[theme()],
    });
    for (const [name, value] of values) result.view.signal(name, value);
    await result.view.runAsync();
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

  addEventListener("DOMContentLoaded", () => {
    drawAll();
    new MutationObserver(drawAll).observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
  });
  window.chartView = (figure) => drawn.get(figure)?.view;
})();
