/* Comfort, never content: every page says the same without this. No dependency, nothing fetched, nothing stored.
   Words come from the page (data-*), so that they are in its language. Text goes in as text, never as HTML. */
(function () {
  "use strict";
  var words = document.currentScript.dataset;

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  function plain(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }

  function make(tag, attributes, text) {
    var element = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    if (text) { element.textContent = text; }
    return element;
  }

  /* shows the elements that hold every word typed; returns how many those are */
  function narrow(typed, elements) {
    var wanted = plain(typed).split(/\s+/).filter(Boolean);
    return elements.filter(function (element) {
      if (element.plain === undefined) { element.plain = plain(element.textContent); }
      element.hidden = !wanted.every(function (word) { return element.plain.indexOf(word) >= 0; });
      return !element.hidden;
    }).length;
  }

  /* the search page */
  var search = document.getElementById("search");
  if (search) {
    var form = search.querySelector("form"), field = form.querySelector("input"), said = form.querySelector("[role=status]");
    var items = all(".index > li", search), sections = all("section", search);
    var look = function () {
      var found = narrow(field.value, items);
      sections.forEach(function (section) { section.hidden = !section.querySelector("li:not([hidden])"); });
      said.textContent = !field.value.trim() ? "" : found ? found + " " + search.dataset.found : search.dataset.none;
    };
    form.hidden = false;
    field.value = new URLSearchParams(location.search).get("q") || "";
    field.addEventListener("input", look);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var first = search.querySelector(".index > li:not([hidden]) a");
      if (field.value.trim() && first) { first.focus(); }
    });
    look();
  }

  /* long tables: only the rows with some words */
  all("table").forEach(function (table) {
    var rows = all("tbody > tr:not(.group)", table);
    if (rows.length < 20 || !table.caption || !words.filter) { return; }
    var region = table.parentNode, label = make("p", { "class": "filter" });
    var input = make("input", { type: "search", placeholder: words.filter, autocomplete: "off",
      "aria-label": words.filter + ": " + table.caption.textContent.trim() });
    var status = make("span", { role: "status", "class": "vh" });
    input.addEventListener("input", function () {
      var found = narrow(input.value, rows);
      all("tr.group", table).forEach(function (group) {
        var after = group.nextElementSibling;
        while (after && after.hidden) { after = after.nextElementSibling; }
        group.hidden = !after || after.classList.contains("group");
      });
      status.textContent = found + " / " + rows.length;
    });
    label.appendChild(input);
    label.appendChild(status);
    region.parentNode.insertBefore(label, region);
  });

  /* the address of a number */
  var told = make("p", { role: "status", "class": "vh" });
  function copied(address) {
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(address); }
    var area = make("textarea", { "class": "vh" });
    area.value = address;
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject();
  }
  all(".count[id] > .headline").forEach(function (line) {
    if (!words.copy) { return; }
    var button = make("button", { type: "button", "class": "copy", "aria-label": words.copy, title: words.copy });
    button.addEventListener("click", function () {
      var address = location.href.split("#")[0] + "#" + line.parentNode.id;
      copied(address).then(function () {
        told.textContent = words.copied;
        button.classList.add("done");
        setTimeout(function () { told.textContent = ""; button.classList.remove("done"); }, 2500);
      }, function () { location.hash = line.parentNode.id; button.focus(); });
    });
    line.appendChild(button);
  });
  if (document.querySelector(".copy")) { document.body.appendChild(told); }

  /* the bar that a rate should pass: probabilities were computed when the page was built */
  all(".pass").forEach(function (part) {
    var slider = part.querySelector("input"), shown = all("output", part);
    var move = function () {
      slider.setAttribute("aria-valuetext", slider.value + " " + part.dataset.unit);
      shown.forEach(function (output) {
        output.textContent = output.dataset.above ? output.dataset.above.split(" ")[slider.value] : slider.value;
      });
    };
    part.hidden = false;
    slider.addEventListener("input", move);
    move();
  });
})();
