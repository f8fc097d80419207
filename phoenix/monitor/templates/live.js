
"use strict";
(() => {
  // A page of a run that is on is written again within 30 s. One that is older was left by a run that was killed.
  const every = 10e3, late = 120e3;
  const written = Date.parse(document.documentElement.dataset.written), live = document.getElementById("live");
  const told = seconds => seconds < 60 ? `${seconds.toFixed(0)} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s` : `${(seconds / 3600).toFixed(1)} h`;
  const count = () => {
    for (const one of document.querySelectorAll("[data-since]")) one.textContent = told(Math.max(0, (Date.now() - Date.parse(one.dataset.since)) / 1000));
  };
  if (Date.now() - written > late && document.querySelector("[data-night]")) {
    live.className = "live late";
    live.lastElementChild.textContent = `Nothing has been written since ${live.dataset.at} UTC: the run was broken off, or its machine sleeps. The same command goes on with what is not done.`;
    for (const badge of document.querySelectorAll(".badge.running, .badge.ready")) {
      badge.className = "badge created";
      badge.textContent = "○ created";
    }
    for (const one of document.querySelectorAll("[data-since]")) one.parentElement.textContent = "";
    return;
  }
  const busy = () => document.activeElement?.matches("input") || String(getSelection());
  const again = () => {
    if (busy()) return void setTimeout(again, 1e3);
    document.dispatchEvent(new Event("again"));
    location.reload();
  };
  setInterval(count, 1e3);
  setTimeout(again, every);
})();
