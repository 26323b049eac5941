// Comfort for forms; every form works without it. Focus goes to the error summary, a second press sends nothing twice,
// amounts are written out as they are typed, files that are too large are named before they travel.
(function () {
  "use strict";

  var summary = document.querySelector(".error-summary");
  if (summary) summary.focus();

  // A press while the first is on its way is dropped. The button stays enabled for the first submission, so that its
  // name and value travel; coming back by the browser's history makes it usable again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.getAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    var button = event.submitter || form.querySelector("[data-once]");
    if (!button || !button.hasAttribute("data-once") || form.method === "get") return;
    form.setAttribute("data-sent", "yes");
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("data-label", button.textContent);
    setTimeout(function () { button.textContent = "正在提交…"; }, 0);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      form.removeAttribute("data-sent");
      form.querySelectorAll("[data-label][data-once]").forEach(function (button) {
        button.removeAttribute("aria-disabled");
        button.textContent = button.getAttribute("data-label");
      });
    });
  });

  // --- amounts ---------------------------------------------------------------------------------------------------
  var DIGITS = "零壹贰叁肆伍陆柒捌玖";
  var PLACES = ["", "拾", "佰", "仟"];
  var GROUPS = ["", "万", "亿", "万"];

  // Text as people type it to whole fen as a string of digits; null where it is no amount.
  function toFen(text) {
    var plain = text.normalize("NFKC").replace(/[,，\s￥¥元]/g, "");
    var wan = /万$/.test(plain);
    if (wan) plain = plain.slice(0, -1);
    var parts = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(plain);
    if (!parts) return null;
    var places = wan ? 6 : 2;
    var rest = parts[2] || "";
    if (/[^0]/.test(rest.slice(places))) return null;
    return (parts[1] + (rest + "000000").slice(0, places)).replace(/^0+(?=\d)/, "");
  }

  function capital(fen) {
    while (fen.length < 3) fen = "0" + fen;
    var yuan = fen.slice(0, -2).replace(/^0+/, "");
    var jiao = +fen[fen.length - 2];
    var cent = +fen[fen.length - 1];
    var out = "";
    var gap = false;
    while (yuan.length % 4) yuan = "0" + yuan;
    for (var at = 0; at < yuan.length; at += 4) {
      var group = (yuan.length - at) / 4 - 1;
      var four = yuan.slice(at, at + 4);
      if (four === "0000") {
        gap = gap || out !== "";
        continue;
      }
      for (var i = 0; i < 4; i++) {
        if (four[i] === "0") {
          gap = gap || out !== "";
          continue;
        }
        if (gap) out += "零";
        gap = false;
        out += DIGITS[+four[i]] + PLACES[3 - i];
      }
      gap = gap && four[3] === "0";
      out += GROUPS[group] || "";
      if (group === 3 && yuan.slice(at + 4, at + 8) === "0000") out += "亿";
    }
    if (!out && !jiao && !cent) return "零元整";
    if (out) out += "元";
    if (!jiao && !cent) return out + "整";
    if (jiao) out += DIGITS[jiao] + "角";
    else if (out) out += "零";
    return cent ? out + DIGITS[cent] + "分" : out;
  }

  document.querySelectorAll("[data-amount]").forEach(function (input) {
    var echo = document.createElement("p");
    echo.className = "echo";
    echo.setAttribute("aria-live", "polite");
    (input.closest(".with-unit") || input).after(echo);
    // Square metres are no money and have no capital numerals; the unit may be chosen on the same page.
    var unit = input.getAttribute("data-amount");
    var chosen = unit.charAt(0) !== "元" && input.form && input.form.querySelector("select[name=price_unit]");
    function show() {
      if (unit === "平方米" || (chosen && chosen.value === "m2")) {
        echo.textContent = "";
        return;
      }
      var fen = input.value ? toFen(input.value) : "";
      echo.textContent = fen === null ? "请填写金额，例如 1200 或 1.2万" : fen === "" ? "" : capital(fen);
    }
    input.addEventListener("input", show);
    if (chosen) chosen.addEventListener("change", show);
    show();
  });

  // --- files -----------------------------------------------------------------------------------------------------
  document.querySelectorAll("input[type=file][data-most-bytes]").forEach(function (input) {
    var note = document.createElement("p");
    note.className = "field-error";
    note.setAttribute("role", "alert");
    input.before(note);
    input.addEventListener("change", function () {
      var large = Array.prototype.find.call(input.files, function (file) {
        return file.size > +input.getAttribute("data-most-bytes");
      });
      note.textContent = large
        ? "“" + large.name + "”有 " + (large.size / 1048576).toFixed(1) + " MB，请选不超过 " + input.getAttribute("data-most") + " 的文件"
        : "";
      if (large) input.value = "";
    });
  });
})();
