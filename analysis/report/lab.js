// Charts in JupyterLab: each is drawn over its static picture when it comes into view, in Lab's theme, and again when that changes.
(() => {
  window.reportThemes = THEMES;
  if (window.reportCharts) return;
  window.reportCharts = true;
  const drawn = new WeakMap();
  const theme = () => (document.body.dataset.jpThemeLight === "false" ? "dark" : "light");

  async function draw(figure) {
    const spec = figure.querySelector("script[type='application/json']"); // Lab takes it out of what is not trusted
    const host = figure.querySelector(".vega-host");
    const before = drawn.get(figure);
    if (!spec || !host || before?.theme === theme()) return;
    drawn.set(figure, {...before, theme: theme()});
    const box = Object.assign(document.createElement("div"), {className: "vega-view"});
    box.style.width = "100%";
    host.append(box);
    const {view, finalize} = await vegaEmbed(box, JSON.parse(spec.textContent), {
      actions: false, ast: true, renderer: "svg", config: window.reportThemes[theme()],
    });
    for (const old of [...host.children]) if (old !== box) old.remove();
    before?.finalize?.();
    drawn.set(figure, {theme: theme(), finalize, view});
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(entry.target).catch(console.error);
  });
  const watch = () => document.querySelectorAll(".vega-figure").forEach((figure) => { seen.unobserve(figure); seen.observe(figure); });
  new MutationObserver((changes) => {
    const figures = changes.flatMap(({addedNodes}) => [...addedNodes]).filter((node) => node.querySelector?.(".vega-figure"));
    if (figures.length) watch();
  }).observe(document.body, {childList: true, subtree: true});
  new MutationObserver(watch).observe(document.body, {attributeFilter: ["data-jp-theme-light"]});
  watch();
})();
