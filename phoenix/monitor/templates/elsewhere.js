
"use strict";
(() => {
  // The report of another AB moves when its night is finished, and this page is not written again for that.
  for (const picture of document.querySelectorAll("img[data-else]")) {
    const elsewhere = () => {
      if (picture.dataset.else) { picture.src = picture.dataset.else; delete picture.dataset.else; } else picture.closest("figure").hidden = true;
    };
    picture.addEventListener("error", elsewhere);
    if (picture.complete && !picture.naturalWidth) elsewhere();
  }
})();
