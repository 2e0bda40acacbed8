/* Charts: painted in the colours of the theme, named for screen readers, shown as tables, saved as pictures. */
(function () {
  "use strict";

  const THEME_STORE = "theme";
  const TOKEN = /^var\((--md-[a-z0-9-]+)(?:,([\d.]+))?\)$/;

  /** A colour named by token (with or without an alpha) as plotly understands it. */
  function resolver() {
    const style = getComputedStyle(document.documentElement);
    const known = new Map();
    return (text) => {
      if (!known.has(text)) {
        const [, name, alpha] = TOKEN.exec(text);
        const hex = style.getPropertyValue(name).trim();
        known.set(text, alpha === undefined ? hex : withAlpha(hex, Number(alpha)));
      }
      return known.get(text);
    };
  }

  function withAlpha(hex, alpha) {
    const part = (at) => parseInt(hex.slice(at, at + 2), 16);
    return `rgba(${part(1)}, ${part(3)}, ${part(5)}, ${alpha})`;
  }

  function painted(value, resolve) {
    if (typeof value === "string") {
      return value.startsWith("var(--md-") && TOKEN.test(value) ? resolve(value) : value;
    }
    if (Array.isArray(value)) {
      // A row of numbers is left alone; a step of a colour scale begins with one.
      const numbers = typeof value[0] === "number" && typeof value[value.length - 1] === "number";
      return numbers ? value : value.map((item) => painted(item, resolve));
    }
    if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
      const copy = {};
      for (const key of Object.keys(value)) {
        copy[key] = painted(value[key], resolve);
      }
      return copy;
    }
    return value;
  }

  /** A chart is named by its title and its finding. */
  function nameCharts() {
    for (const chart of document.querySelectorAll(".md-chart[data-md-title]")) {
      const summary = chart.closest(".md-chart-card")?.querySelector(".md-chart-summary");
      const finding = summary ? summary.textContent.trim() : "";
      chart.setAttribute("aria-label", finding ? `${chart.dataset.mdTitle}. ${finding}` : chart.dataset.mdTitle);
    }
  }

  function swapTable(button) {
    const card = button.closest("[data-md-chart]");
    const table = card.dataset.mdView !== "table";
    card.dataset.mdView = table ? "table" : "chart";
    button.setAttribute("aria-pressed", String(table));
    if (!table) {
      window.dispatchEvent(new Event("resize"));
    }
  }

  function downloadChart(button, format) {
    const card = button.closest("[data-md-chart]");
    const plot = card.querySelector(".js-plotly-plot");
    if (plot && window.Plotly) {
      window.Plotly.downloadImage(plot, { format, scale: format === "png" ? 2 : 1, filename: fileName(card) });
    }
  }

  const fileName = (card) => `modeldesk-${card.dataset.mdChart}`;

  /** A cell of a CSV file. No text begins as a spreadsheet's formula does; a number is none. */
  function csvCell(value) {
    if (value === null || value === undefined) {
      return "";
    }
    const text = typeof value === "string" && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** A chart's data, as the server put it beside the figure, as a file. */
  function downloadData(button) {
    const card = button.closest("[data-md-chart]");
    const data = card.querySelector(".js-plotly-plot")?.layout?.meta?.data;
    if (!data) {
      return;
    }
    const lines = [data.columns, ...data.rows].map((row) => row.map(csvCell).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" }));
    link.download = `${fileName(card)}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const actions = {
    "chart-table": swapTable,
    "chart-download": (button) => downloadChart(button, "png"),
    "chart-download-svg": (button) => downloadChart(button, "svg"),
    "chart-data": downloadData,
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-md-action]");
    actions[button?.dataset.mdAction]?.(button);
  });

  /* On paper a card is narrower than on the screen: its chart is drawn again for the paper's width, and
     back afterwards. Style sheets alone would cut it off. */
  const PAPER_WIDTH = 330;
  const printed = () => (window.Plotly ? document.querySelectorAll(".md-past .js-plotly-plot") : []);

  window.addEventListener("beforeprint", () => {
    for (const plot of printed()) {
      window.Plotly.relayout(plot, { autosize: false, width: PAPER_WIDTH, height: plot.offsetHeight });
    }
  });
  window.addEventListener("afterprint", () => {
    for (const plot of printed()) window.Plotly.relayout(plot, { autosize: true });
  });

  /* Each drawing keeps the browser's one thread for tens of milliseconds. The strip beside the answer,
     whose words have told it already, lets the curve that follows the hand go first. */
  const GIVES_WAY = "standing";
  const CURVE_MS = 70;

  document.addEventListener("modeldesk:theme", (event) => {
    window.dash_clientside?.set_props?.(THEME_STORE, { data: event.detail });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** A figure with colours by token → the figure in the colours of the theme in force. */
      paint(figure) {
        if (!figure) {
          return window.dash_clientside.no_update;
        }
        requestAnimationFrame(() => requestAnimationFrame(nameCharts));
        const done = painted(figure, resolver());
        if (done.layout?.dragmode && window.matchMedia("(pointer: coarse)").matches) {
          done.layout.dragmode = false; // a finger that moves over a chart scrolls the page
        }
        const { id } = window.dash_clientside.callback_context.outputs_list;
        return id.name === GIVES_WAY ? new Promise((resolve) => setTimeout(resolve, CURVE_MS, done)) : done;
      },
    }),
  });
})();
