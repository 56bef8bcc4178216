// The API key: kept for the tab, or on this device if a person asks for it.

const NAME = "imagepress-key";

export const key = () => sessionStorage.getItem(NAME) || localStorage.getItem(NAME) || "";
export const isRemembered = () => Boolean(localStorage.getItem(NAME));

export function keepKey(value, remembered) {
  forgetKey();
  if (value) (remembered ? localStorage : sessionStorage).setItem(NAME, value);
}

export function forgetKey() {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
}
