/** The language and time zone all formatting follows; set by the look of the page, read at every call. */
export type Zone = "utc" | "local";

let language = "en";
let zone: Zone = "utc";

export function setFormatting(nextLanguage: string, nextZone: Zone): void {
  // The pseudo-locale shows English figures: only words are stretched.
  language = nextLanguage === "en-XA" ? "en" : nextLanguage;
  zone = nextZone;
}

export const formatLanguage = (): string => (language === "en" ? "en-GB" : language);
export const formatZone = (): Zone => zone;
