/** Figures that the server has written, in the words and the digits of the page's language. */
import type { TFunction } from "i18next";
import { formatLanguage } from "@/format";

const WORDS: Record<string, string> = {
  clean: "clean",
  leak: "leak",
  "not checked": "notChecked",
  never: "never",
};

export function valueText(text: string, t: TFunction<"studio">): string {
  const known = WORDS[text];
  if (known !== undefined) return t(`figures.${known}`);
  return digits(text)
    .replace(/ to /, ` ${t("figures.to")} `)
    .replace(/of (\d+) losing/, (_, n: string) => t("figures.losing", { n }))
    .replace(/ years$/, ` ${t("figures.years")}`);
}

/** `1,073.25` with the marks of the language; the server writes English ones. */
export function digits(text: string, language = formatLanguage()): string {
  if (!language.startsWith("de")) return text;
  return text.replace(/\d[\d.,]*\d/g, (figure) =>
    figure.replace(/[.,]/g, (mark) => (mark === "." ? "," : ".")),
  );
}
