// A part of a page that the server writes anew every few seconds: <section data-fresh=SECONDS>. What has not changed is left
// alone, so that nothing flickers and no selection is lost. Without it the page reloads itself.
(function () {
  "use strict";
  var part = document.querySelector("[data-fresh]");
  if (!part) return;
  var lost = document.querySelector("[data-lost]");

  function take(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-fresh]");
    // Another page has come, of a failure or of a server that starts.
    if (!fresh) throw new Error("no such part");
    lost.hidden = true;
    if (fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
    if (fresh.hasAttribute("data-over")) clearInterval(asking);
  }
  function ask() {
    fetch(location.href, { cache: "no-store" })
      .then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.text();
      })
      .then(take)
      .catch(function () { lost.hidden = false; });
  }
  var asking = setInterval(ask, +part.getAttribute("data-fresh") * 1000);
})();
