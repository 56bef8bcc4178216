"use strict";
const place = document.getElementById("docs");
Redoc.init(place.dataset.document, { disableSearch: false, hideLoading: true }, place);
