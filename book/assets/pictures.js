// A picture of lines against two axes that count factors: points are [x, y], or [x, y, low, high] where a band is drawn.
function plannerPicture(told) {
  "use strict";
  const {x: across, y: up, lines, dot, label, words} = told;
  const WIDTH = 420, HEIGHT = 240, [left, right, top, bottom] = [74, 24, 24, 36], NS = "http://www.w3.org/2000/svg", log = Math.log10;
  const draw = (tag, attributes, text) => {
    const node = document.createElementNS(NS, tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const scale = (values, from, to) => {
    const [least, most] = [Math.min(...values), Math.max(...values)], span = most - least || 1;
    return Object.assign((value) => from + (log(value) - least) / span * (to - from), {least, most});
  };
  const points = lines.flat(), x = scale(points.map((point) => log(point[0])), left, WIDTH - right);
  const y = scale(points.flatMap((point) => point.slice(1)).map(log), HEIGHT - bottom, top);
  const ticks = ({least, most}) => {
    const steps = most - least > 2 ? [1] : most - least > 0.9 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
    const every = Array.from({length: 30}, (_, n) => Math.floor(least) + n).flatMap((power) => steps.map((step) => log(step) + power));
    return every.filter((tick) => tick >= least - 1e-9 && tick <= most + 1e-9).map((tick) => Number((10 ** tick).toPrecision(2)));
  };
  const svg = draw("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label});
  for (const tick of ticks(x)) {
    svg.append(draw("line", {x1: x(tick), x2: x(tick), y1: top, y2: HEIGHT - bottom, class: "planner-grid"}),
      draw("text", {x: x(tick), y: HEIGHT - bottom + 15, "text-anchor": "middle"}, words(tick)));
  }
  for (const tick of ticks(y)) {
    svg.append(draw("line", {x1: left, x2: WIDTH - right, y1: y(tick), y2: y(tick), class: "planner-grid"}),
      draw("text", {x: left - 6, y: y(tick) + 4, "text-anchor": "end"}, words(tick)));
  }
  const at = (point, place) => `${x(point[0]).toFixed(1)},${y(point[place]).toFixed(1)}`;
  for (const line of lines) {
    if (line[0].length > 2) {
      const edge = [...line.map((point) => at(point, 3)), ...[...line].reverse().map((point) => at(point, 2))];
      svg.append(draw("polygon", {points: edge.join(" "), class: "planner-band"}));
    }
    svg.append(draw("polyline", {points: line.map((point) => at(point, 1)).join(" "), class: "planner-line"}));
  }
  svg.append(draw("text", {x: 4, y: 12, class: "planner-axis"}, up),
    draw("text", {x: WIDTH - right, y: HEIGHT - 4, "text-anchor": "end", class: "planner-axis"}, across));
  const inside = dot && log(dot[0]) >= x.least && log(dot[0]) <= x.most && log(dot[1]) >= y.least && log(dot[1]) <= y.most;
  if (inside) svg.append(draw("circle", {cx: x(dot[0]), cy: y(dot[1]), r: 4.5, class: "planner-dot"}));
  return svg;
}
