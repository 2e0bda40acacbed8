/* The Performance page: the slider, which asks for charts as fast as they come, and the address.
   Ids as in app/modeldesk/web/ui/pages/performance/ids.py. */
(function () {
  "use strict";

  const PREFIX = "performance-";
  const SETTLES = 350;
  const GIVES_UP = 3000;
  const state = { asked: null, waiting: null, since: 0, settle: 0 };

  const setData = (name, data) => window.dash_clientside.set_props(PREFIX + name, { data });

  /** Ask for a threshold's figures; while an answer is on its way, only the last wish is kept. */
  function ask(threshold) {
    clearTimeout(state.settle);
    state.settle = setTimeout(() => setData("settled", threshold), SETTLES);
    const busy = state.asked !== null && performance.now() - state.since < GIVES_UP;
    if (busy) {
      state.waiting = threshold;
      return;
    }
    state.asked = threshold;
    state.waiting = null;
    state.since = performance.now();
    setData("threshold", threshold);
  }

  /** The part of the track under the threshold is filled, as on other sliders. */
  function fill(threshold) {
    const range = document.querySelector(".md-threshold-line input[type=range]");
    range?.classList.add("form-range");
    range?.style.setProperty("--fill", `${100 * threshold}%`);
  }

  const percent = (threshold) => String(Number((100 * threshold).toFixed(4)));

  /** A share that was typed in percent, by the rule of the forms, or null. */
  function typed(text) {
    const value = window.modeldesk.predict.readNumber(String(text ?? ""));
    return value >= 0 && value <= 100 ? value / 100 : null;
  }

  /** What the page says, from its text.py. */
  const words = () => JSON.parse(document.querySelector(".md-performance").dataset.mdWords);

  function unreadable(text) {
    const known = String(text ?? "").trim();
    const wrong = known && Number.isNaN(window.modeldesk.predict.readNumber(known));
    return wrong ? words().unreadable.replace("{text}", () => known.slice(0, 40)) : words().outside;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** Slider, number and buttons move each other, and the threshold that is shown. */
      performanceThreshold(slider, number, _goes, shown) {
        const keep = window.dash_clientside.no_update;
        const [last] = window.dash_clientside.callback_context.triggered;
        if (!last || last.value === null || last.value === undefined) {
          return [keep, keep, keep];
        }
        let threshold = null;
        if (last.prop_id.startsWith("{")) {
          const { name } = JSON.parse(last.prop_id.slice(0, last.prop_id.lastIndexOf(".")));
          threshold = Number(name.slice(name.lastIndexOf(":") + 1));
        } else {
          threshold = last.prop_id.startsWith(`${PREFIX}slider`) ? typed(slider) : typed(number);
        }
        if (threshold === null) {
          return [keep, keep, unreadable(number)];
        }
        if (shown === null || Math.abs(threshold - shown) > 1e-12 || state.asked !== null) {
          ask(threshold);
        }
        fill(threshold);
        const text = percent(threshold);
        return last.prop_id.startsWith(`${PREFIX}slider`) ? [keep, text, ""] : [Number(text), text === String(number) ? keep : text, ""];
      },

      /** The charts of a threshold are there. */
      performanceAnswered() {
        state.asked = null;
        if (state.waiting !== null) {
          ask(state.waiting);
        }
        return window.dash_clientside.no_update;
      },

      /** Whether the slider's threshold is another than the one in use. */
      performanceSavable(threshold, standing) {
        return threshold === null || !standing || threshold === standing.threshold;
      },

      /** Open the dialog that asks why the threshold should be another, or model.toml's own again. */
      performanceAskWhy(_save, _back, threshold, standing) {
        const { triggered, outputs_list: outputs } = window.dash_clientside.callback_context;
        const [last] = triggered;
        if (!last || !last.value || !standing) {
          return outputs.map(() => window.dash_clientside.no_update);
        }
        const back = last.prop_id.startsWith(`${PREFIX}back`);
        const { title, confirm } = words()[back ? "back" : "save"];
        document.getElementById(`${PREFIX}save-dialog`).showModal();
        return [
          { threshold: back ? null : threshold, then: back ? standing.own : threshold, basis: standing, asked: Date.now() },
          title.replace("{percent}", percent(threshold)),
          confirm,
          "",
          null,
          words().working,
        ];
      },

      /** Keep in the address what the figures are of, and the link to them at hand; what is usual goes unnamed. */
      performanceAddress(threshold, missed, alarm, segment, where, source, version, ofClass, groups, favourable, versions, classes, inputs, ready) {
        if (!/\/performance$/.test(window.location.pathname)) {
          return window.dash_clientside.no_update;
        }
        const query = new URLSearchParams();
        const hidden = (name) => Boolean(document.getElementById(PREFIX + name)?.hidden);
        const label = words().served;
        const served = (versions || []).find((item) => item.label === label.replace("{version}", item.value));
        const usual = {
          source: "own",
          version: served ? served.value : "served",
          class: classes?.[0]?.value,
          groups: inputs?.[0]?.value,
          favourable: ready?.favourable,
        };
        const given = {
          version,
          threshold: hidden("controls") ? "" : threshold,
          missed,
          alarm,
          segment,
          where,
          source,
          class: hidden("class-box") ? "" : ofClass,
          groups: classes?.length ? groups : "",
          favourable: ready && classes?.length ? favourable : "",
        };
        for (const [name, value] of Object.entries(given)) {
          if (value !== undefined && value !== null && value !== "" && value !== usual[name]) {
            query.set(name, value);
          }
        }
        const text = query.toString();
        window.history.replaceState({}, "", `${window.location.pathname}${text ? `?${text}` : ""}`);
        return window.location.href;
      },
    }),
  });
})();
