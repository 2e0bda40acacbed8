/* The Explore page: what is clicked or dragged over in a chart, the address, and the table of rows.
   Ids as in app/modeldesk/web/ui/pages/explore/ids.py. */
(function () {
  "use strict";

  const GRID = "explore-grid";

  const idOf = (propId) => JSON.parse(propId.slice(0, propId.lastIndexOf(".")));
  const once = (values) => [...new Set(values)];
  /** A range on one axis, as app/modeldesk/services/explore/view.py writes it. */
  function ranged(column, [one, other]) {
    const [low, high] = one <= other ? [one, other] : [other, one];
    if (typeof low !== "number") {
      return `${column}:${low}..${high}`;
    }
    // As fine as a hand can be: a hundredth to a tenth of what was dragged over.
    const step = 10 ** (Math.floor(Math.log10(high - low || 1)) - 1);
    const [from, to] = [low, high].map((value) => Number((Math.round(value / step) * step).toPrecision(12)));
    return `${column}:${from}..${to}`;
  }

  /** The filters of the parts of a chart that an event is about; none where it is about none. */
  function chosen(meta, event, dragged) {
    const places = (event.points || []).map((point) => point.pointNumber);
    if (meta.parts) {
      return once(places.map((place) => meta.parts[place]).filter(Boolean));
    }
    if (meta.cells) {
      const texts = (event.points || []).flatMap(({ x, y }) => [meta.cells.x[x], meta.cells.y[y]]);
      return once(texts.filter(Boolean));
    }
    if (meta.axes && dragged && event.range) {
      return [ranged(meta.axes.x, event.range.x), ranged(meta.axes.y, event.range.y)];
    }
    return [];
  }

  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  /** When a prediction was made, in UTC as all times of the page. */
  cells.MdWhen = (props) => (props.value ? window.modeldesk.utcTime(props.value) : null);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** What was clicked, or dragged over, as filters. */
      explorePick() {
        const { triggered, states_list: states } = window.dash_clientside.callback_context;
        const [last] = triggered;
        if (!last || !last.value) {
          return window.dash_clientside.no_update;
        }
        const { name } = idOf(last.prop_id);
        const meta = states.find((state) => state.id.name === name)?.value?.layout?.meta;
        const dragged = last.prop_id.endsWith(".selectedData");
        // The same part may be clicked again, to take its filter off.
        window.dash_clientside.set_props({ part: "chart-graph", name }, { [dragged ? "selectedData" : "clickData"]: null });
        const texts = meta ? chosen(meta, last.value, dragged) : [];
        return texts.length ? { texts, at: Date.now() } : window.dash_clientside.no_update;
      },

      /** Keep the view in the address, and the link to it at hand. */
      exploreAddress(view) {
        if (!view || !/\/explore$/.test(window.location.pathname)) {
          return window.dash_clientside.no_update;
        }
        window.history.replaceState({}, "", `${window.location.pathname}?${view}`);
        return window.location.href;
      },

      /** Other rows pass: the table fetches anew, from its top. */
      exploreRows() {
        window.dash_ag_grid?.getApiAsync?.(GRID).then((api) => {
          if (api.getDisplayedRowCount()) {
            api.ensureIndexVisible(0);
          }
          api.purgeInfiniteCache();
        });
        return window.dash_clientside.no_update;
      },
    }),
  });
})();
