/* Tables as files: what a person sees of one goes to the server, which writes it as CSV or XLSX
   (app/modeldesk/web/ui/common/table_export.py). */
(function () {
  "use strict";

  const WANTED = "table-wanted";

  /** The text of a cell as it is read; a moment, which the page words by today's date, by its date and time. */
  function cellText(cell) {
    let text = cell.innerText;
    for (const time of cell.querySelectorAll("time[datetime]")) {
      text = text.replace(time.innerText, time.dateTime);
    }
    return text.replace(/\s+/g, " ").trim();
  }

  function exportTable(button) {
    const table = button.closest(".md-table-whole").querySelector("table");
    const [head, ...rows] = table.rows;
    // A part's title stands over all columns: its cell is the only one of its row.
    const texts = [head, ...rows].map((row) => [...row.cells].map(cellText));
    const numbers = [...head.cells].flatMap((cell, place) => (cell.classList.contains("md-number") ? [place] : []));
    window.dash_clientside.set_props(WANTED, {
      data: { caption: table.caption.textContent, rows: texts, numbers, kind: button.dataset.mdKind },
    });
  }

  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  /** A row's name, which leads to its prediction. */
  cells.MdPlace = (props) =>
    props.data ? window.React.createElement("a", { href: props.data.href }, props.value) : null;

  /** A value as it reads; the column is sorted by the value itself. */
  cells.MdText = (props) => props.data?.texts[props.colDef.field] ?? null;

  document.addEventListener("click", (event) => {
    const button = event.target.closest('[data-md-action="table-export"]');
    if (button) {
      exportTable(button);
    }
  });
})();
