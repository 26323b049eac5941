// Checks a receipt (C2SP tlog-proof with its entry) on this machine: nothing is sent. Where the browser has no Ed25519
// the form goes to the server as it does without scripts.
(function () {
  "use strict";
  var form = document.querySelector("form[data-check-receipt]");
  var told = document.getElementById("checked-here");
  if (!form || !told || !window.crypto || !window.crypto.subtle) return;

  function fail(sentence) { throw new Error(sentence); }

  function bytes(base64) {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) fail("回执里有一段读不懂");
    return Uint8Array.from(atob(base64), function (c) { return c.charCodeAt(0); });
  }
  function joined(parts) {
    var out = new Uint8Array(parts.reduce(function (n, p) { return n + p.length; }, 0));
    var at = 0;
    parts.forEach(function (p) { out.set(p, at); at += p.length; });
    return out;
  }
  function sha256(parts) {
    return crypto.subtle.digest("SHA-256", joined(parts)).then(function (hash) { return new Uint8Array(hash); });
  }
  function same(a, b) {
    return a.length === b.length && a.every(function (byte, n) { return byte === b[n]; });
  }
  var utf8 = new TextEncoder();

  // name+8 hex+base64(type and key)
  async function readKey(text) {
    var parts = text.trim().match(/^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/);
    if (!parts) fail("公钥要照纸上的抄写完整，形如 名称+8 位编号+一串字母数字");
    var typed = bytes(parts[3]);
    var id = (await sha256([utf8.encode(parts[1] + "\n"), typed])).slice(0, 4);
    var hex = Array.from(id, function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
    if (typed.length !== 33 || typed[0] !== 1 || hex !== parts[2]) fail("公钥抄错了：编号和内容对不上");
    return { name: parts[1], id: id, key: await crypto.subtle.importKey("raw", typed.slice(1), "Ed25519", false, ["verify"]) };
  }

  function readReceipt(text) {
    text = text.trim().replace(/\r\n/g, "\n") + "\n";
    var cut = text.indexOf("\n\n");
    var lines = text.slice(0, cut).split("\n");
    if (cut < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") fail("这不是一份存证回执：请把回执文件从头到尾全部复制过来");
    if (!lines[0] || lines[0].indexOf("extra ") !== 0) fail("这份证明里没有记录原文：请到存证记录页重新下载“回执”");
    var entry = bytes(lines.shift().slice(6));
    var index = /^index (0|[1-9][0-9]{0,14})$/.exec(lines.shift() || "");
    if (!index) fail("这不是一份存证回执");
    return { entry: entry, index: Number(index[1]), path: lines.map(bytes), note: text.slice(cut + 2) };
  }

  async function readHead(note, key) {
    var cut = note.indexOf("\n\n");
    var body = note.slice(0, cut + 1);
    var good = false;
    for (var line of note.slice(cut + 2).split("\n").filter(Boolean)) {
      var parts = line.match(/^\u2014 (\S+) (\S+)$/);
      if (!parts) fail("回执里的检查点读不懂");
      var signed = bytes(parts[2]);
      if (parts[1] !== key.name || !same(signed.slice(0, 4), key.id)) continue;
      good = await crypto.subtle.verify("Ed25519", key.key, signed.slice(4), utf8.encode(body));
      if (!good) break;
    }
    var lines = body.split("\n");
    if (!good || lines[0] !== key.name) fail("没有得到证明：检查点不是用这把公钥对应的密钥签名的。请核对公钥；若公钥无误，这份回执是假的或被改动过");
    return { origin: lines[0], size: Number(lines[1]), root: bytes(lines[2]) };
  }

  // RFC 9162, section 2.1.3.2.
  async function included(receipt, head) {
    var fn = receipt.index;
    var sn = head.size - 1;
    if (!(fn <= sn)) return false;
    var hash = await sha256([[0], receipt.entry]);
    for (var sibling of receipt.path) {
      if (sn === 0) return false;
      if (fn % 2 === 1 || fn === sn) {
        hash = await sha256([[1], sibling, hash]);
        while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
      } else {
        hash = await sha256([[1], hash, sibling]);
      }
      fn = Math.floor(fn / 2);
      sn = Math.floor(sn / 2);
    }
    return sn === 0 && same(hash, head.root);
  }

  function tell(tone, title, sentence, entry) {
    told.textContent = "";
    var box = document.createElement("div");
    box.className = "notice tone-" + tone;
    var inner = box.appendChild(document.createElement("div"));
    var head = inner.appendChild(document.createElement("p"));
    head.className = "notice-title";
    head.textContent = title;
    inner.appendChild(document.createElement("p")).textContent = sentence;
    told.appendChild(box);
    if (entry) {
      var pre = document.createElement("pre");
      pre.className = "hash";
      pre.tabIndex = 0;
      pre.setAttribute("aria-label", "原文");
      pre.textContent = entry;
      told.appendChild(pre);
    }
    told.scrollIntoView({ block: "start" });
  }

  async function checkHere() {
    var key = await readKey(form.elements.key.value);
    var receipt = readReceipt(form.elements.receipt.value);
    var head = await readHead(receipt.note, key);
    if (!await included(receipt, head)) fail("没有得到证明：回执里的记录不在签了名的存证里，内容可能被改动过");
    tell("good", "回执是真的（由您的浏览器核对）", "这条记录是 " + head.origin + " 的第 " + receipt.index + " 条，签名时存证共有 " + head.size + " 条。", new TextDecoder().decode(receipt.entry));
  }

  form.addEventListener("submit", function (event) {
    if (form.getAttribute("data-to-server")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    checkHere().catch(function (e) {
      if (e instanceof Error && e.constructor === Error) {
        tell("bad", "没有通过核对", e.message);
      } else {
        form.setAttribute("data-to-server", "yes");
        form.requestSubmit();
      }
    });
  });
})();
