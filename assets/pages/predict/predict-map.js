/* A pair of coordinates chosen on a map. The map is a plotly figure (app/modeldesk/web/ui/common/charts/map.py), with its
   own axes or, where the site has a tile server, on that server's map. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});

  const CHOSEN = 0; // the trace that holds the chosen place
  const DIGITS = 5; // of a degree: about a metre

  desk.startMap = function (spec, holder, form, setMany) {
    const plotted = () => {
      const plot = holder.querySelector(".js-plotly-plot");
      return plot && plot._fullLayout && plot.data?.length && window.Plotly ? plot : null;
    };

    /** Bring the mark to where the form says; the graph may have been painted anew meanwhile. */
    function move() {
      if (!holder.isConnected) return false;
      const plot = plotted();
      if (!plot) return true;
      const [lat, lon] = [spec.latitude, spec.longitude].map((name) => desk.readNumber(form.values[name]));
      const known = !Number.isNaN(lat) && !Number.isNaN(lon);
      const trace = plot.data[CHOSEN];
      const [tall, wide] = trace.type === "scattermap" ? ["lat", "lon"] : ["y", "x"];
      const there = trace[tall].length ? `${trace[tall][0]},${trace[wide][0]}` : "";
      if (there === (known ? `${lat},${lon}` : "")) return true;
      window.Plotly.restyle(plot, { [tall]: [known ? [lat] : []], [wide]: [known ? [lon] : []] }, [CHOSEN]);
      return true;
    }

    /** Where a click fell, as [latitude, longitude], or null beside the map. */
    function place(plot, event) {
      const layout = plot._fullLayout;
      if (layout.map && layout.map._subplot) {
        const box = plot.querySelector(".maplibregl-canvas").getBoundingClientRect();
        const { lat, lng } = layout.map._subplot.map.unproject([event.clientX - box.left, event.clientY - box.top]);
        return [lat, lng];
      }
      const box = plot.querySelector(".plot-container, .main-svg").getBoundingClientRect();
      const { xaxis, yaxis } = layout;
      const x = event.clientX - box.left - xaxis._offset;
      const y = event.clientY - box.top - yaxis._offset;
      if (x < 0 || y < 0 || x > xaxis._length || y > yaxis._length) return null;
      return [yaxis.p2d(y), xaxis.p2d(x)];
    }

    let pressed = null;
    const on = (type, action) => holder.addEventListener(type, action, true);
    on("pointerdown", (event) => { pressed = [event.clientX, event.clientY]; });
    on("pointerup", (event) => {
      const plot = plotted();
      const still = pressed && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) < 5;
      pressed = null;
      if (!still || !plot) return;
      const found = place(plot, event);
      if (!found) return;
      const [lat, lon] = found.map((degrees) => String(Number(degrees.toFixed(DIGITS))));
      setMany({ [spec.latitude]: lat, [spec.longitude]: lon });
    });

    desk.listeners.push(move);
    // The graph arrives after the form: look again until it is there.
    const seek = setInterval(() => {
      if (!holder.isConnected) return clearInterval(seek);
      if (!plotted()) return;
      clearInterval(seek);
      plotted().on("plotly_afterplot", move);
      move();
    }, 100);
  };
})();
