/** The words, one file a page and language. English is in `en`, the pattern for all others. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { pseudo } from "./pseudo";

export type Language = "en" | "de" | "en-XA";
export const LANGUAGES: readonly Language[] = ["en", "de", "en-XA"];
type Words = { [key: string]: string | Words };
type Files = Record<string, Words>;

async function load(language: Language): Promise<Files> {
  if (language === "de") return (await import("./de-files")).default;
  const english = (await import("./en-files")).default;
  if (language === "en") return english;
  return Object.fromEntries(Object.entries(english).map(([file, words]) => [file, pseudo(words)]));
}

export async function speak(language: Language): Promise<void> {
  if (!i18next.isInitialized) {
    await i18next.use(initReactI18next).init({
      lng: language,
      fallbackLng: false,
      ns: [],
      defaultNS: "frame",
      resources: {},
      interpolation: { escapeValue: false },
      // A key that has no words is shown as it is: the tests look for that.
      returnNull: false,
      react: { useSuspense: false },
    });
  }
  for (const [file, words] of Object.entries(await load(language))) {
    i18next.addResourceBundle(language, file, words, true, true);
  }
  await i18next.changeLanguage(language);
}
