// The server's time as far as this machine can know it. Of several round trips the quickest is believed: its error is at
// most half its length. Measured anew every minute and when the page is looked at again.
var xiangjiClock = (function () {
  "use strict";
  var offset = null;
  var best = Infinity;
  var listeners = [];

  function probe() {
    var sent = performance.now();
    return fetch("/time", { cache: "no-store" })
      .then(function (answer) { return answer.json(); })
      .then(function (body) {
        var back = performance.now();
        var trip = back - sent;
        if (trip < best) {
          best = trip;
          offset = Date.parse(body.now) + trip / 2 - (Date.now() - (performance.now() - back));
        }
      })
      .catch(function () {});
  }

  function measure() {
    best = Infinity;
    return probe().then(probe).then(probe).then(function () {
      listeners.forEach(function (tell) { tell(offset); });
    });
  }

  setInterval(measure, 60000);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) measure(); });

  return {
    measure: measure,
    // Milliseconds since 1970 by the server's clock; this machine's own until the first answer.
    now: function () { return Date.now() + (offset || 0); },
    offset: function () { return offset; },
    onMeasured: function (tell) { listeners.push(tell); },
  };
})();
