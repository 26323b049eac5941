// The live lot: price, leader, clock and offers follow the server. The page is complete without it; here it only moves.
// Root: <section class="live" data-live data-events=URL data-poll=URL data-closes=RFC3339 data-phase=… data-me=number>.
// Parts are found by [data-show=…]; an event is JSON with the members the page knows, unknown ones are ignored.
(function () {
  "use strict";
  var root = document.querySelector("[data-live]");
  if (!root) return;

  function part(name) { return root.querySelector('[data-show="' + name + '"]'); }
  function all(name) { return document.querySelectorAll('[data-show="' + name + '"]'); }
  function put(name, text) {
    all(name).forEach(function (node) {
      if (node.textContent === text) return;
      node.textContent = text;
      node.classList.remove("changed");
      void node.offsetWidth;
      node.classList.add("changed");
    });
  }
  function time(ms) {
    return new Date(ms + 8 * 3600000).toISOString().slice(11, 19);
  }
  function grouped(yuan) {
    var parts = String(yuan).split(".");
    return parts[0].replace(/\B(?=(\d{3})+$)/g, ",") + "." + (parts[1] || "00");
  }

  var polite = document.createElement("p");
  polite.className = "unseen";
  polite.setAttribute("role", "status");
  var urgent = document.createElement("p");
  urgent.className = "unseen";
  urgent.setAttribute("role", "alert");
  root.append(polite, urgent);

  // --- state -----------------------------------------------------------------------------------------------------
  var me = root.getAttribute("data-me") || "";
  var leading = root.getAttribute("data-leading") === "yes";
  var bidBefore = root.hasAttribute("data-has-bid");
  var opens = Date.parse(root.getAttribute("data-opens"));
  var closes = Date.parse(root.getAttribute("data-closes"));
  var phase = root.getAttribute("data-phase");
  var seen = +(root.getAttribute("data-version") || 0);
  var last = Date.now();

  function mine(tone, text) {
    var box = part("mine");
    if (!box) return;
    box.className = "live-mine tone-" + tone;
    box.querySelector("[data-words]").textContent = text;
  }

  function take(state) {
    last = xiangjiClock.now();
    if (state.version !== undefined) {
      if (+state.version < seen) return;
      seen = +state.version;
    }
    if (state.opens_at) opens = Date.parse(state.opens_at);
    if (state.closes_at && Date.parse(state.closes_at) !== closes) {
      var later = Date.parse(state.closes_at) > closes;
      closes = Date.parse(state.closes_at);
      announced = {};
      put("closes", time(closes));
      if (later && state.extensions) polite.textContent = "竞价延时，新的结束时间 " + time(closes);
    }
    if (state.price) put("price", grouped(state.price));
    if (state.leader) put("leader", state.leader + " 号");
    if (state.extensions !== undefined && state.extensions !== null) put("extensions", String(state.extensions));
    if (state.total_text) put("total", state.total_text);
    if (state.phase && state.phase !== phase) {
      phase = state.phase;
      root.setAttribute("data-phase", phase);
      if (state.phase_text) put("phase", state.phase_text);
      // A lot that has opened or ended shows other parts: the server writes that page.
      if (phase === "over" || phase === "open") { setTimeout(function () { location.reload(); }, 800); return; }
    }
    if (state.offers) offers(state.offers);
    if (state.bid) row(state.bid);
    standing(state.leader);
  }

  function standing(leader) {
    if (!me || !leader) return;
    if (leader === me) {
      if (!leading) polite.textContent = "您目前领先";
      leading = true;
      bidBefore = true;
      mine("good", "您（" + me + " 号）目前领先");
    } else {
      if (leading) urgent.textContent = "您已被超过，当前价 " + (part("price") || {}).textContent + "，请决定是否加价";
      leading = false;
      if (bidBefore) mine("bad", "您已被超过，由 " + leader + " 号领先");
    }
  }

  function offers(list) {
    root.querySelectorAll("[data-offer]").forEach(function (button, i) {
      button.hidden = !list[i];
      if (!list[i]) return;
      button.value = list[i];
      var figure = button.querySelector("[data-figure]");
      if (figure) figure.textContent = grouped(list[i]);
    });
    if (list[0]) put("minimum", grouped(list[0]));
  }

  function row(bid) {
    var body = document.querySelector("[data-bids]");
    var pattern = document.querySelector("template[data-bid-row]");
    if (!body || !pattern || body.querySelector('[data-seq="' + bid.seq + '"]')) return;
    var line = pattern.content.firstElementChild.cloneNode(true);
    line.setAttribute("data-seq", bid.seq);
    line.querySelectorAll("[data-bid]").forEach(function (cell) {
      var value = bid[cell.getAttribute("data-bid")];
      cell.textContent = value === undefined || value === null ? "" : value;
    });
    body.querySelectorAll(".leading").forEach(function (old) {
      old.classList.remove("leading");
      var state = old.querySelector('[data-bid="state"]');
      if (state) state.textContent = "出局";
    });
    body.prepend(line);
    while (body.children.length > 20) body.lastElementChild.remove();
  }

  // --- clock -----------------------------------------------------------------------------------------------------
  var marks = [[600, "还有 10 分钟"], [300, "还有 5 分钟"], [60, "还有 1 分钟"], [10, "还有 10 秒"]];
  var announced = {};

  function two(n) { return (n < 10 ? "0" : "") + n; }
  function tick() {
    var now = xiangjiClock.now();
    var target = phase === "before" ? opens : closes;
    var left = Math.max(0, Math.ceil((target - now) / 1000));
    var face = part("countdown");
    if (face && phase !== "over" && phase !== "suspended") {
      var days = Math.floor(left / 86400);
      var hours = Math.floor(left / 3600) % 24;
      var clock = two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
      var text = (days ? days + " 天 " : "") + (days || hours ? two(hours) + ":" : "") + clock;
      if (face.textContent !== text) face.textContent = text;
      face.classList.toggle("near", phase !== "before" && left <= 60);
      if (phase !== "before") marks.forEach(function (mark) {
        if (left <= mark[0] && left > mark[0] - 2 && !announced[mark[0]]) {
          announced[mark[0]] = true;
          polite.textContent = mark[1];
        }
      });
      if (left === 0 && phase === "before") poll();
    }
    var server = part("now");
    if (server) server.textContent = time(now);
  }
  setInterval(tick, 250);
  xiangjiClock.onMeasured(function (offset) {
    var node = part("offset");
    if (node && offset !== null) node.textContent = "本机时钟相差 " + (Math.abs(offset) / 1000).toFixed(1) + " 秒，已按服务器时间显示";
  });
  xiangjiClock.measure().then(tick);

  // --- connection ------------------------------------------------------------------------------------------------
  var failures = 0;
  var polling = null;
  var lost = part("connection");

  function connected() {
    failures = 0;
    if (polling) { clearInterval(polling); polling = null; }
    if (lost) lost.hidden = true;
  }
  function broken() {
    failures += 1;
    if (lost) {
      lost.hidden = false;
      lost.textContent = "连接中断，正在重连…（最后更新 " + time(last) + "）。出价按钮仍可使用。";
    }
    if (failures >= 2 && !polling) polling = setInterval(poll, 2000);
  }
  function poll() {
    var address = root.getAttribute("data-poll");
    if (!address) return;
    fetch(address, { cache: "no-store", headers: { Accept: "application/json" } })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
      .then(function (state) { take(state); if (lost) lost.hidden = true; })
      .catch(function () { if (lost) lost.hidden = false; });
  }
  function listen() {
    var source = new EventSource(root.getAttribute("data-events"));
    source.onopen = connected;
    source.onerror = function () {
      broken();
      // A stream that the server has closed for good is not reopened by the browser.
      if (source.readyState === 2) setTimeout(listen, 3000);
    };
    function got(event) {
      connected();
      try { take(JSON.parse(event.data)); } catch (ignored) { /* a comment or a newer kind of event */ }
    }
    source.onmessage = got;
    (root.getAttribute("data-event-names") || "state").split(" ").forEach(function (name) {
      source.addEventListener(name, got);
    });
  }
  if (window.EventSource) listen();
  else polling = setInterval(poll, 2000);
})();
