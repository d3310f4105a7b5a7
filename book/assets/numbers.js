// Every quoted number explains itself: pointing at it, moving to it, pressing or tapping it shows a card.
//
// Reading is not disturbed: of the numbers of a section one is reached by Tab, the others from there by the arrow keys.
(() => {
  const SOON = 350, LINGER = 300, GAP = 6, EDGE = 8, SHEET = 540;
  const root = document.documentElement.dataset.content_root ?? "";
  const isChinese = document.documentElement.lang.startsWith("zh");

  // Numbers within links and the like can't be pressed themselves, nor can a text that is empty under this scenario.
  const inside = "a, button, summary, label, nav, .headerlink, .vega-figure";
  const find = () => [...document.querySelectorAll("article span.result[data-result]")]
    .filter((one) => one.textContent.trim() && !one.closest(inside));

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  // One script for each notebook, from the book's own folder, when it is first asked for.
  const loading = new Map();
  function load(notebook) {
    if (!loading.has(notebook)) {
      loading.set(notebook, new Promise((resolve, reject) => {
        const script = element("script");
        script.src = `${root}_static/numbers/${notebook}.js`;
        script.onload = () => resolve(window.reportNumbers[notebook]);
        script.onerror = () => reject(new Error(`numbers of ${notebook}`));
        document.head.append(script);
      }));
    }
    return loading.get(notebook);
  }

  // What the number is made from: each part a word or a link, a strong value, and its source.
  function listed(title, items) {
    const list = element("ul");
    for (const [name, value, source] of items) {
      const item = element("li");
      item.append(name, value, " ", element("span", source, "number-source"));
      list.append(item);
    }
    return items.length ? [element("p", title, "number-part"), list] : [];
  }

  function fill(card, number, book) {
    const [notebook, name] = number.dataset.result.split(":");
    const told = book.results[name] ?? {};
    const head = element("p", number.textContent, "number-value");
    head.tabIndex = -1;
    if (told.what) head.append(" ", element("span", told.what));
    const parts = [head];
    for (const line of told.formula ?? []) parts.push(element("p", line, "number-formula"));
    parts.push(...listed(isChinese ? "依据" : "From", (told.inputs ?? []).map(([title, value, source]) => [`${title}: `, element("strong", value), source])));
    parts.push(...listed(isChinese ? "事实" : "Facts", (told.facts ?? []).map(([title, producer, address]) => {
      const link = element("a", title);
      link.href = `${root}${address}`;
      return [link, "", producer];
    })));
    const foot = element("p", "", "number-foot");
    const scenario = told.scenario ?? book.scenario;
    if (scenario) foot.append(isChinese ? `情景：${scenario}。` : `Scenario: ${scenario}. `);
    const link = element("a", book.title);
    link.href = `${root}${book.page}${"cell" in told ? `#cell-${told.cell}` : ""}`;
    if (isChinese) foot.append("计算：笔记本", link, "中的", element("code", name), `（摘要${book.digest}）。`);
    else foot.append("Computed as ", element("code", name), " in the notebook ", link, ` (digest ${book.digest}).`);
    parts.push(foot);
    card.replaceChildren(...parts);
    card.setAttribute("aria-label", isChinese ? `${number.textContent}的由来` : `How ${number.textContent} was made`);
  }

  function start() {
    const numbers = find();
    if (!numbers.length) return;
    const card = element("div", undefined, "number-card");
    card.popover = "auto"; // a press elsewhere closes it
    card.setAttribute("role", "dialog");
    document.body.append(card);
    let shown = null, later = 0, isReturning = false;

    function place() {
      if (!shown) return;
      card.classList.toggle("number-sheet", innerWidth <= SHEET);
      if (innerWidth <= SHEET) return card.removeAttribute("style");
      const at = shown.getClientRects()[0], {offsetWidth: width, offsetHeight: height} = card;
      const left = Math.min(Math.max(EDGE, at.left), document.documentElement.clientWidth - width - EDGE);
      const below = at.bottom + GAP + height <= innerHeight - EDGE;
      card.style.left = `${left}px`;
      card.style.top = `${below ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height)}px`;
    }

    async function show(number, enter = false) {
      clearTimeout(later);
      let book;
      try {
        book = await load(number.dataset.result.split(":")[0]);
      } catch {
        return; // the number is still there to be read
      }
      if (!number.isConnected) return;
      if (shown !== number) {
        hide();
        fill(card, number, book);
        shown = number;
        number.setAttribute("aria-expanded", "true");
        card.showPopover();
        place();
      }
      if (enter) card.querySelector(".number-value").focus();
    }
    function hide() {
      clearTimeout(later);
      if (shown) card.hidePopover();
    }
    // Before, since the event "toggle" comes late.
    card.addEventListener("beforetoggle", (event) => {
      if (event.newState === "closed" && shown) {
        if (card.contains(document.activeElement)) {
          isReturning = true;
          shown.focus({preventScroll: true});
          isReturning = false;
        }
        shown.setAttribute("aria-expanded", "false");
        shown = null;
      }
    });

    const soon = (action, time) => { clearTimeout(later); later = setTimeout(action, time); };
    const stays = () => card.matches(":hover") || card.contains(document.activeElement) || shown?.matches(":hover, :focus-visible");
    const leave = () => soon(() => stays() || hide(), LINGER);
    card.addEventListener("pointerleave", leave);
    card.addEventListener("pointerenter", () => clearTimeout(later));
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Tab") return;
      const stops = [card.querySelector(".number-value"), ...card.querySelectorAll("a")]
        .filter((one) => one.checkVisibility());
      const last = event.shiftKey ? stops.slice(0, 2) : stops.slice(-1);
      if (last.includes(document.activeElement)) {
        event.preventDefault();
        hide();
      }
    });
    addEventListener("keydown", (event) => event.key === "Escape" && hide());
    addEventListener("scroll", place, {passive: true});
    addEventListener("resize", place);

    const home = (number) => number.closest("details, section") ?? document.body;
    const groups = new Map(); // section -> its numbers
    numbers.forEach((number, index) => {
      const group = groups.get(home(number)) ?? groups.set(home(number), []).get(home(number));
      group.push(number);
      number.setAttribute("role", "button");
      number.setAttribute("aria-haspopup", "dialog");
      number.setAttribute("aria-expanded", "false");
      number.tabIndex = group.length === 1 ? 0 : -1;

      number.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && soon(() => show(number), SOON));
      number.addEventListener("pointerleave", leave);
      number.addEventListener("focus", () => !isReturning && number.matches(":focus-visible") && soon(() => show(number), SOON));
      number.addEventListener("blur", leave);
      // A second tap closes the card: the browser does so itself, before the click.
      let isSecond = false;
      number.addEventListener("pointerdown", (event) => { isSecond = event.pointerType === "touch" && shown === number; });
      number.addEventListener("click", () => (isSecond ? hide() : show(number)));
      number.addEventListener("keydown", (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return; // the browser's own: Alt and an arrow go back and forth
        const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          show(number, true);
        } else if (step) {
          let place = index + step;
          while (numbers[place] && !numbers[place].checkVisibility()) place += step; // an answer may be closed
          const next = numbers[place];
          if (!next) return;
          event.preventDefault();
          for (const one of groups.get(home(next))) one.tabIndex = one === next ? 0 : -1;
          next.focus();
        }
      });
    });
  }

  start();
})();
