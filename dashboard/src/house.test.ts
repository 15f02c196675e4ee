/** Rules of the house that the linter does not know: words, colours, sizes. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { pages } from "./app/pages";
import { pseudo, stretch } from "./words/pseudo";

type Words = { [key: string]: string | Words };
const SRC = join(process.cwd(), "src");

const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const sources = files(SRC).filter(
  (path) => /\.tsx?$/.test(path) && !/\.test\.|schema\.d/.test(path),
);
const named = (path: string) => relative(SRC, path);
const read = (path: string) => readFileSync(path, "utf8");

const wordsOf = (language: string): Record<string, Words> =>
  Object.fromEntries(
    readdirSync(join(SRC, "words", language)).map((name) => [
      name.replace(".json", ""),
      JSON.parse(read(join(SRC, "words", language, name))) as Words,
    ]),
  );

function flat(words: Words, before = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[before + key, value]] : flat(value, `${before}${key}.`),
  );
}
const placeholders = (text: string) => (text.match(/\{\{\w+\}\}|<\w>/g) ?? []).sort();

describe("words", () => {
  const [en, de] = [wordsOf("en"), wordsOf("de")];

  it("are the same files in both languages", () =>
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort()));

  it.each(Object.keys(en))("%s has the same keys and placeholders in both", (file) => {
    const [ours, theirs] = [flat(en[file] ?? {}), new Map(flat(de[file] ?? {}))];
    expect([...theirs.keys()].sort()).toEqual(ours.map(([key]) => key).sort());
    for (const [key, text] of ours) {
      expect(placeholders(theirs.get(key) ?? ""), key).toEqual(placeholders(text));
    }
  });

  it("name every page", () => {
    const names = en.frame?.pages as Words;
    expect(pages.map((page) => page.id).filter((id) => !(id in names))).toEqual([]);
  });

  // `t("key")` and `t(`key.${x}`)` of a file with one `useTranslation("namespace")`.
  it("exist for every key that is used", () => {
    const missing = sources.flatMap((path) => {
      const text = read(path);
      const spaces = [...text.matchAll(/useTranslation\("(\w+)"\)/g)].map(
        (match) => match[1] ?? "",
      );
      if (spaces.length === 0) return [];
      const known = new Set(
        [...new Set(spaces)].flatMap((space) => flat(en[space] ?? {}).map(([key]) => key)),
      );
      const stems = [...known].map((key) => key.replace(/_(zero|one|two|few|many|other)$/, ""));
      return [...text.matchAll(/\bt\(\s*(["`])([^"`]+)\1/g)]
        .map((match) => match[2] ?? "")
        .filter((key) =>
          key.includes("${")
            ? !stems.some((stem) => stem.startsWith(key.slice(0, key.indexOf("${"))))
            : !known.has(key) && !stems.includes(key),
        )
        .map((key) => `${named(path)}: ${key}`);
    });
    expect(missing).toEqual([]);
  });

  it("are stretched by the pseudo-locale, but for what is filled in", () => {
    expect(stretch("Type <w>{{word}}</w> now")).toMatch(/^\[.*<w>\{\{word\}\}<\/w>.*\]$/);
    const plain = flat(pseudo(en.frame ?? {})).filter(([, text]) => !text.startsWith("["));
    expect(plain).toEqual([]);
  });
});

describe("components", () => {
  it("have no colours of their own", () => {
    const raw = /#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|color)\(/;
    const found = sources.flatMap((path) =>
      read(path)
        .split("\n")
        .filter((line) => raw.test(line.replace(/url\(#[\w-]+\)|"#[\w-]*"/g, "")))
        .map((line) => `${named(path)}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it("use only tokens that exist", () => {
    const defined = new Set(read(join(SRC, "styles/tokens.css")).match(/--[\w-]+(?=:)/g));
    const used = [...sources, ...files(join(SRC, "styles"))].flatMap((path) =>
      [...read(path).matchAll(/var\((--[\w-]+)\)/g)].map(
        (match) => [match[1] ?? "", path] as const,
      ),
    );
    const unknown = used.filter(
      ([name]) => !defined.has(name) && !/^--(color|text|radius|font)-/.test(name),
    );
    expect(unknown.map(([name, path]) => `${named(path)}: ${name}`)).toEqual([]);
  });

  it("stay under 250 lines", () => {
    const long = sources.filter((path) => read(path).split("\n").length > 250).map(named);
    expect(long).toEqual([]);
  });
});
