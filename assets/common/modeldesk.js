/* The shell's own behaviour: navigation, menus, dialogs, search, copying, fields, local times.
   Everything is delegated from the document, so that it holds for whatever Dash renders later. */
(function () {
  "use strict";

  const ANY = "any";
  const QUERY_DEFAULTS = { sort: "used" };

  /* ---- words ------------------------------------------------------------------------------- */

  const plurals = new Intl.PluralRules(document.documentElement.lang || "en");

  /** A sentence of a page's text.py, its placeholders filled; of the forms of a plural that for the count `n`. */
  function say(sentence, parts = {}) {
    const form = typeof sentence === "string" ? sentence : sentence[plurals.select(parts.n)] || sentence.other;
    return form.replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  }

  /** What the shell's own text.py says. */
  let words = null;
  const shell = () => (words = words || JSON.parse(document.querySelector("#main").dataset.mdWords));

  /* ---- times in the browser's zone --------------------------------------------------------- */

  const two = (number) => String(number).padStart(2, "0");
  const dayOf = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();

  function localTime(iso, style, now) {
    const moment = new Date(iso);
    if (Number.isNaN(moment.getTime())) {
      return null;
    }
    const age = Math.round((dayOf(now) - dayOf(moment)) / 86400000);
    // A day stands inside a sentence, a minute by itself.
    const named = { 0: shell().today, 1: shell().yesterday }[age];
    const day = named || { day: date(moment.getDate(), moment.getMonth(), moment.getFullYear()) };
    return style === "day" ? day.inside || day.day : time(day.day, moment.getHours(), moment.getMinutes());
  }

  /** A moment in UTC, for pages whose figures are by UTC. */
  function utcTime(iso) {
    const moment = new Date(iso);
    return time(date(moment.getUTCDate(), moment.getUTCMonth(), moment.getUTCFullYear()), moment.getUTCHours(), moment.getUTCMinutes());
  }

  const date = (day, month, year) => say(shell().date, { day, month: shell().months[month], year });
  const time = (day, hours, minutes) => say(shell().minute, { day, time: `${two(hours)}:${two(minutes)}` });

  function showTimes(root) {
    const now = new Date();
    for (const element of root.querySelectorAll("time[data-md-time]")) {
      const text = localTime(element.dateTime, element.dataset.mdTime, now);
      // The text node is React's own: it is changed, never replaced.
      if (text && element.firstChild && element.firstChild.nodeValue !== text) {
        element.firstChild.nodeValue = text;
        element.title = new Date(element.dateTime).toString();
      }
    }
  }

  /* ---- fields: what ties a control to its message ------------------------------------------ */

  function tieFields(root) {
    for (const field of root.querySelectorAll(".md-field[data-state]")) {
      const control = field.querySelector(".md-control input, .md-control textarea, .md-control [role=combobox], .md-control button");
      const message = field.querySelector(".md-field-message");
      if (!control || !message) {
        continue;
      }
      if (message.id && message.textContent) {
        control.setAttribute("aria-describedby", message.id);
      } else {
        control.removeAttribute("aria-describedby");
      }
      if (field.dataset.state === "bad") {
        control.setAttribute("aria-invalid", "true");
      } else {
        control.removeAttribute("aria-invalid");
      }
    }
  }

  /** A message that stands outside its control's field says by ``data-md-describes`` whose it is. */
  function tieMessages() {
    for (const message of document.querySelectorAll("[data-md-describes]")) {
      const control = document.getElementById(message.dataset.mdDescribes);
      if (control && message.textContent) {
        control.setAttribute("aria-describedby", message.id);
        control.setAttribute("aria-invalid", "true");
      } else if (control) {
        control.removeAttribute("aria-describedby");
        control.removeAttribute("aria-invalid");
      }
    }
  }

  /** What Dash's components leave unnamed for screen readers takes the name we give beside them. */
  function nameControls(root) {
    for (const holder of root.querySelectorAll("[data-md-label]")) {
      for (const control of holder.querySelectorAll("input, textarea")) {
        if (!control.hasAttribute("aria-label") && !control.hasAttribute("aria-labelledby")) {
          control.setAttribute("aria-label", holder.dataset.mdLabel);
        }
      }
    }
  }

  /** Dash has no date input of the browser's own; its text input becomes one. */
  function makeDates(root) {
    for (const input of root.querySelectorAll("[data-md-type=date] input[type=text]")) {
      input.type = "date";
    }
  }

  let pending = false;

  function settle() {
    pending = false;
    showTimes(document);
    tieFields(document);
    tieMessages();
    nameControls(document);
    makeDates(document);
    markPlace();
    showTab();
  }

  function observe() {
    const observer = new MutationObserver((changes) => {
      // Plotly redraws on every hover; that is none of our business.
      const ours = changes.some((change) => !(change.target.closest || (() => null)).call(change.target, ".js-plotly-plot"));
      if (ours && !pending) {
        pending = true;
        requestAnimationFrame(settle);
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["datetime", "data-state"] });
    settle();
  }

  /* ---- navigation -------------------------------------------------------------------------- */

  let known = null;

  /** Where this site begins; the page's configuration holds every callback and is parsed once. */
  function prefix() {
    const config = known === null && document.getElementById("_dash-config");
    if (config) {
      known = JSON.parse(config.textContent).requests_pathname_prefix;
    }
    return known ?? "/";
  }

  /** Follow a link within the pages without loading everything again. */
  function follow(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  function isOurs(link) {
    if (link.target || link.hasAttribute("download") || link.origin !== window.location.origin) {
      return false;
    }
    const base = prefix();
    return link.pathname.startsWith(base) && !/^(api|assets|static)\//.test(link.pathname.slice(base.length));
  }

  function markPlace() {
    for (const link of document.querySelectorAll("[data-md-nav]")) {
      const here = window.location.pathname.slice(prefix().length - 1);
      const at = link.dataset.mdNav;
      const current = at === "models" ? here === "/" || here.startsWith("/models/") : here.startsWith(`/${at}`);
      if (current) {
        link.setAttribute("aria-current", here === "/" || at !== "models" ? "page" : "true");
      } else {
        link.removeAttribute("aria-current");
      }
    }
  }

  /** Bring the tab of the page into a row of tabs that is wider than the window, once for each page. */
  function showTab() {
    const tab = document.querySelector(".md-tabs a[aria-current]");
    const row = tab && tab.parentElement;
    if (row && row.dataset.mdShown !== tab.href) {
      row.dataset.mdShown = tab.href;
      const over = tab.getBoundingClientRect().right - row.getBoundingClientRect().right;
      row.scrollLeft += Math.max(0, over + 16);
    }
  }

  /* ---- menus, dialogs, search, copying ----------------------------------------------------- */

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details[data-md-menu][open]")) {
      if (!except || !menu.contains(except)) {
        menu.open = false;
      }
    }
  }

  function copy(button) {
    const source = document.getElementById(button.dataset.mdCopy);
    const text = source.textContent;
    const done = () => {
      button.dataset.copied = "";
      setTimeout(() => delete button.dataset.copied, 2000);
    };
    const byHand = () => {
      // Without a secure context there is no clipboard: select, for Ctrl+C.
      const selection = window.getSelection();
      selection.selectAllChildren(source);
      if (document.execCommand("copy")) {
        done();
      }
    };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(done, byHand);
    } else {
      byHand();
    }
  }

  const search = {
    box: () => document.querySelector(".md-search"),
    input: () => document.querySelector(".md-search input"),
    links: () => Array.from(document.querySelectorAll(".md-search-results a")),
    open(yes) {
      const box = search.box();
      box.dataset.open = String(yes);
      document.querySelector(".md-bar").dataset.search = yes ? "open" : "closed";
    },
    focus() {
      search.open(true);
      search.input().focus();
      search.input().select();
    },
    move(step) {
      const links = search.links();
      const at = links.indexOf(document.activeElement) + step;
      (links[at] || (at < 0 ? search.input() : links[links.length - 1]) || search.input()).focus();
    },
  };

  const actions = {
    theme: () => window.modeldesk.theme.set(window.modeldesk.theme.get() === "dark" ? "light" : "dark"),
    search: () => search.focus(),
    print: () => window.print(),
    "open-dialog": (button) => {
      const dialog = document.getElementById(button.dataset.mdTarget);
      dialog?.showModal();
      if (dialog?.dataset.mdOpened) {
        window.dash_clientside.set_props(dialog.dataset.mdOpened, { data: Date.now() });
      }
    },
    "close-dialog": (button) => button.closest("dialog").close(),
    reload: () => window.location.reload(),
  };

  document.addEventListener("click", (event) => {
    const copier = event.target.closest("[data-md-copy]");
    if (copier) {
      copy(copier);
    }
    const actor = event.target.closest("[data-md-action]");
    if (actor) {
      actions[actor.dataset.mdAction]?.(actor);
    }
    if (event.target instanceof HTMLDialogElement) {
      event.target.close(); // a click on the scrim
    }
    const link = event.target.closest("a[href]");
    const chosen = link || event.target.closest(".md-menu-list button");
    closeMenus(chosen ? null : event.target);
    if (!event.target.closest(".md-search, [data-md-action=search]") || link) {
      if (search.box()) {
        search.open(false);
      }
    }
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link && plain && !event.defaultPrevented && isOurs(link) && !link.getAttribute("href").startsWith("#")) {
      event.preventDefault();
      follow(link.href);
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable=true]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape") {
      const menu = event.target.closest("details[data-md-menu][open]");
      closeMenus();
      menu?.querySelector("summary").focus();
      if (event.target.closest(".md-search")) {
        search.open(false);
        search.input().blur();
      }
    } else if (event.target.closest(".md-search")) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        search.move(event.target === search.input() && step > 0 ? 1 : step);
      } else if (event.key === "Enter" && event.target === search.input()) {
        search.links()[0]?.click();
      }
    } else if (event.target.closest(".md-menu-list") || event.target.matches(".md-menu-button")) {
      moveInMenu(event);
    }
  });

  function moveInMenu(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const menu = event.target.closest("details");
    if (!step || !menu) {
      return;
    }
    event.preventDefault();
    menu.open = true;
    const items = Array.from(menu.querySelectorAll(".md-menu-list a, .md-menu-list button"));
    const at = items.indexOf(document.activeElement) + step;
    items[Math.max(0, Math.min(items.length - 1, at))]?.focus();
  }

  document.addEventListener("focusin", (event) => {
    if (event.target === search.input()) {
      search.open(true);
    }
  });

  if (document.body) {
    observe();
  } else {
    document.addEventListener("DOMContentLoaded", observe);
  }

  /* ---- functions that callbacks name ------------------------------------------------------- */

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** Keep the filters of a page in its address, without a new entry in the browser's history. */
      remember() {
        const query = new URLSearchParams();
        for (const input of window.dash_clientside.callback_context.inputs_list) {
          const name = input.id.split("-").pop();
          const value = input.value;
          if (value && value !== ANY && value !== QUERY_DEFAULTS[name]) {
            query.set(name, value);
          }
        }
        const text = query.toString();
        window.history.replaceState({}, "", `${window.location.pathname}${text ? `?${text}` : ""}${window.location.hash}`);
        return window.dash_clientside.no_update;
      },

      /** The chip of a row that was clicked last; the empty name stands for all. */
      pick() {
        const [last] = window.dash_clientside.callback_context.triggered;
        if (!last || !last.value) {
          return window.dash_clientside.no_update;
        }
        return JSON.parse(last.prop_id.slice(0, last.prop_id.lastIndexOf("."))).name || null;
      },

      /** Take every filter off. */
      clear() {
        return window.dash_clientside.callback_context.outputs_list.map((output) =>
          /-(model|source|outcome|feedback)$/.test(output.id) ? ANY : "",
        );
      },

      /** Days of the browser's zone as the instants they begin and end at. */
      days(since, until) {
        const begin = (text, later) => {
          const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(text || "");
          return parts ? new Date(+parts[1], +parts[2] - 1, +parts[3] + later).toISOString() : null;
        };
        return { since: begin(since, 0), until: begin(until, 1) };
      },

      /** Close the open dialog once what it asked for is done. */
      closeDialog(done) {
        if (done) {
          document.querySelector("dialog[open]")?.close();
        }
        return window.dash_clientside.no_update;
      },
    }),
  });

  window.modeldesk = Object.assign(window.modeldesk || {}, { follow, localTime, utcTime, say });
})();
