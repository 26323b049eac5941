// The live lot: price, leader, clock, offers and history follow the server's stream. The page is complete without it; here
// it only moves, and where its shape changes (it opens, is suspended, ends) the server writes the page anew.
// Root: <section data-live data-phase data-until=RFC3339 data-events=URL data-poll=URL>, for a bidder data-me=NUMBER, for
// one with priority data-own=URL. Parts are found by [data-show=NAME].
(function () {
  "use strict";
  var root = document.querySelector("[data-live]");
  if (!root) return;

  function all(name) { return document.querySelectorAll('[data-show="' + name + '"]'); }
  function put(name, text) {
    all(name).forEach(function (node) {
      if (node.value !== undefined) { node.value = text; return; }
      if (node.textContent === text) return;
      node.textContent = text;
      node.classList.remove("changed");
      void node.offsetWidth;
      node.classList.add("changed");
    });
  }
  function show(name, yes) { all(name).forEach(function (node) { node.hidden = !yes; }); }
  function moment(ms) { return new Date(ms + 8 * 3600000).toISOString().replace("T", " ").slice(0, 19); }
  function grouped(yuan) {
    var parts = String(yuan).split(".");
    return parts[0].replace(/\B(?=(\d{3})+$)/g, ",") + "." + (parts[1] || "00");
  }
  // Fen as a whole number: exact far above any price.
  function fen(yuan) { return +String(yuan).replace(".", ""); }
  function raise(amount, price) {
    var more = Math.abs(fen(amount) - fen(price));
    return grouped(Math.floor(more / 100) + "." + ("0" + (more % 100)).slice(-2));
  }

  function speaker(role) {
    var node = document.createElement("p");
    node.className = "unseen";
    node.setAttribute("role", role);
    root.append(node);
    return node;
  }
  var polite = speaker("status");
  var urgent = speaker("alert");

  // --- what the server says ----------------------------------------------------------------------------------------
  var me = root.getAttribute("data-me") || "";
  var leading = root.hasAttribute("data-leading");
  var hasBid = root.hasAttribute("data-has-bid");
  var phase = root.getAttribute("data-phase");
  // What prices are called and counted in: 加价, 价, 元.
  var step = root.getAttribute("data-step");
  var noun = root.getAttribute("data-noun");
  var countedIn = root.getAttribute("data-counted-in");
  var until = Date.parse(root.getAttribute("data-until"));
  var price = (document.querySelector('[data-show="seen"]') || {}).value || "";
  var seen = 0;
  var last = Date.parse(root.getAttribute("data-now"));
  var leaving = false;

  // All watchers come at once: each waits a moment of its own.
  function anew() {
    if (leaving) return;
    leaving = true;
    setTimeout(function () { location.reload(); }, 200 + Math.random() * 800);
  }

  function state(now) {
    // Until it is measured, this machine's clock may tell anything.
    if (xiangjiClock.offset() !== null) last = xiangjiClock.now();
    var live = now.live;
    if (!live || live.seq < seen) return;
    seen = live.seq;
    if (now.phase !== phase) return anew();
    if (phase !== "bidding") return;
    // A new turn, the first round, another part or leader after a clock: another page.
    var shape = live.turns ? live.turns.round + ":" + (live.turns.bidder || "") : live.part ? live.part.part + ":" + (live.leader || "") : null;
    if (shape !== root.getAttribute("data-shape")) return anew();
    if (live.turns || live.first_until || live.part && live.part.part !== "falling") return;
    var end = Date.parse(live.end_at);
    if (end !== until) {
      if (end > until) polite.textContent = "竞价延时，新的结束时间 " + moment(end).slice(11);
      until = end;
      announced = {};
      put("until", moment(end));
    }
    put("extensions", String(live.extensions));
    show("extended", live.extensions > 0);
    root.classList.toggle("extended", live.extensions > 0);
    if (live.price) {
      put("label", "当前" + noun);
      put("price", grouped(live.price));
      put("seen", live.price);
      if (now.price_total) put("total", grouped(now.price_total));
    }
    if (live.clock && !live.price) {
      put("price", grouped(live.clock.price));
      if (live.clock.falls_at) put("falls", moment(Date.parse(live.clock.falls_at)));
      show("falling", !!live.clock.falls_at);
    }
    price = live.price || "";
    put("leader", live.leader || "");
    show("led", !!live.leader);
    show("unled", !live.leader);
    put("least", grouped(live.least));
    put("most", live.most ? grouped(live.most) : "");
    show("most-line", !!live.most);
    offers(live.offers);
    standing(live.leader);
  }

  function standing(leader) {
    if (!me || !leader) return;
    var words = "";
    var tone = "info";
    if (leader === me) {
      hasBid = true;
      words = "您（" + me + " 号）目前领先";
      tone = "good";
      if (!leading) polite.textContent = words;
    } else if (hasBid) {
      words = "您（" + me + " 号）已被超过，由 " + leader + " 号领先，要继续请" + step;
      tone = "bad";
      if (leading) urgent.textContent = "您已被超过，当前" + noun + " " + grouped(price) + "，要继续请" + step;
    }
    leading = leader === me;
    show("bidding", !leading || root.hasAttribute("data-leader-may-raise"));
    show("led-by-me", leading);
    if (words) all("mine").forEach(function (box) {
      box.className = "live-mine tone-" + tone;
      box.querySelector("[data-words]").textContent = words;
    });
    var own = root.getAttribute("data-own");
    if (own) ask(own).then(function (mine) { show("match", mine.may_match); }).catch(function () {});
  }

  function offers(list) {
    root.querySelectorAll("[data-offer]").forEach(function (button, i) {
      button.hidden = !list[i];
      if (!list[i]) return;
      button.value = list[i];
      button.querySelector("[data-figure]").textContent = grouped(list[i]);
      if (price) button.querySelector("[data-raise]").textContent = step.charAt(0) + " " + raise(list[i], price) + " " + countedIn;
    });
  }

  // A line of the history, made from the server's own pattern.
  var told = price;
  function bid(given) {
    var body = document.querySelector("[data-bids]");
    var pattern = document.querySelector("template[data-bid-row]");
    // A price that is shown later: the page of the next turn has it.
    if (!given.price) return;
    if (!body || !pattern || body.querySelector('[data-seq="' + given.seq + '"]')) return;
    var at = Date.parse(given.at);
    var beside = [given.bidder === me ? "我" : "", given.via === "hall" ? "现场" : ""].filter(Boolean).join("，");
    var value = {
      seq: given.seq,
      bidder: given.bidder + " 号" + (beside ? "（" + beside + "）" : ""),
      amount: grouped(given.price),
      raise: told ? raise(given.price, told) : "第一口",
      at: moment(at) + "." + ("00" + (at % 1000)).slice(-3),
      state: given.type === "match" ? "领先（行使优先权）" : "领先",
    };
    told = given.price;
    // A private limit that stays under the leader's only drives the price up.
    var leads = given.leader === given.bidder;
    if (!leads) value.state = "已被超过";
    var line = pattern.content.firstElementChild.cloneNode(true);
    line.setAttribute("data-seq", given.seq);
    line.classList.toggle("leading", leads);
    line.querySelectorAll("[data-bid]").forEach(function (cell) { cell.textContent = value[cell.getAttribute("data-bid")]; });
    if (leads) body.querySelectorAll(".leading").forEach(function (old) {
      old.classList.remove("leading");
      var state = old.querySelector(".bid-state");
      state.textContent = state.textContent.replace("领先", "已被超过");
    });
    body.prepend(line);
    while (body.children.length > 20) body.lastElementChild.remove();
    document.querySelectorAll("[data-history]").forEach(function (node) { node.hidden = false; });
    document.querySelectorAll("[data-empty]").forEach(function (node) { node.hidden = true; });
  }

  // --- clock -------------------------------------------------------------------------------------------------------
  var marks = [[600, "还有 10 分钟"], [300, "还有 5 分钟"], [60, "还有 1 分钟"], [10, "还有 10 秒"]];
  var announced = {};
  function two(n) { return (n < 10 ? "0" : "") + n; }
  function tick() {
    var now = xiangjiClock.now();
    all("now").forEach(function (node) { node.textContent = moment(now); });
    var face = root.querySelector('[data-show="countdown"]');
    if (!face || isNaN(until)) return;
    var left = Math.max(0, Math.ceil((until - now) / 1000));
    var days = Math.floor(left / 86400);
    var hours = Math.floor(left / 3600) % 24;
    var text = (days ? days + " 天 " : "") + (days || hours ? two(hours) + ":" : "") + two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
    if (face.textContent !== text) face.textContent = text;
    if (phase !== "bidding") return;
    face.classList.toggle("near", left <= 60);
    marks.forEach(function (mark) {
      if (left > mark[0] || left < mark[0] - 1 || announced[mark[0]]) return;
      announced[mark[0]] = true;
      polite.textContent = mark[1];
    });
  }
  setInterval(tick, 250);
  xiangjiClock.onMeasured(function (offset) {
    if (offset === null) return;
    var apart = Math.abs(offset) / 1000;
    put("offset", "，您的手机或电脑相差" + (apart < 120 ? " " + apart.toFixed(1) + " 秒" : "很多") + "，这里已按服务器时间显示");
    show("offset", apart >= 1);
  });
  xiangjiClock.measure().then(tick);

  // --- connection --------------------------------------------------------------------------------------------------
  var failures = 0;
  var polling = null;
  function ask(address) {
    return fetch(address, { cache: "no-store", headers: { Accept: "application/json" } }).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    });
  }
  function connected() {
    failures = 0;
    clearInterval(polling);
    polling = null;
    show("connection", false);
  }
  function broken() {
    failures += 1;
    put("connection", "连接中断，正在重连…（最后更新 " + moment(last) + "）。出价按钮仍可使用。");
    show("connection", true);
    if (failures >= 2 && !polling) polling = setInterval(poll, 2000);
  }
  function poll() {
    ask(root.getAttribute("data-poll")).then(function (now) { state(now); show("connection", false); }).catch(broken);
  }
  function listen() {
    var source = new EventSource(root.getAttribute("data-events"));
    function on(name, take) {
      source.addEventListener(name, function (event) { connected(); take(JSON.parse(event.data)); });
    }
    source.onopen = connected;
    source.onerror = function () {
      if (leaving) return;
      broken();
      // A stream that the server has refused is not reopened by the browser.
      if (source.readyState === 2) setTimeout(listen, 3000);
    };
    on("bid", bid);
    on("match", bid);
    on("accept", bid);
    on("state", state);
    on("closed", function () { source.close(); anew(); });
  }
  if (window.EventSource) listen();
  else polling = setInterval(poll, 2000);
})();
