// Let the reader search and sort each table of the class "searchable". Without this script the table is a plain one.
(() => {
  const isChinese = document.documentElement.lang.startsWith("zh");
  const folded = (text) => text.normalize("NFKC").toLocaleLowerCase();

  function enhance(table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const texts = new Map(rows.map((row) => [row, folded([...row.cells].map((cell) => cell.textContent).join(" "))]));

    const bar = document.createElement("div");
    bar.className = "table-search";
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), {type: "search", name: "search", autocomplete: "off"});
    label.append(isChinese ? "在表中查找" : "Search the table", input);
    const count = document.createElement("output");
    bar.append(label, count);
    (table.closest(".pst-scrollable-table-container") ?? table).before(bar);

    function filter() {
      const words = folded(input.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => texts.get(row).includes(word));
        shown += !row.hidden;
      }
      count.textContent = isChinese ? `${rows.length}行中的${shown}行` : `${shown} of ${rows.length} rows`;
    }

    function sort(head, column) {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].textContent.trim();
      const order = new Intl.Collator("en", {numeric: true}).compare;
      body.append(...[...rows].sort((a, b) => (down ? -1 : 1) * order(key(a), key(b))));
    }

    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = Object.assign(document.createElement("button"), {type: "button", className: "sort"});
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(head, column));
    });
    input.addEventListener("input", filter);
    filter();
  }

  document.querySelectorAll("table.searchable").forEach(enhance);
})();
