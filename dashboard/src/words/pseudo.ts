/** English stretched and accented: what is still plain on a page was never given to translators. */
type Words = { [key: string]: string | Words };

const LETTERS: Record<string, string> = Object.fromEntries(
  [..."aàeéiîoôuûyýcçnñsšzžAÀEÉIÎOÔUÛCÇNÑSŠ"].reduce<[string, string][]>(
    (pairs, letter, i, all) => {
      if (i % 2 === 0) pairs.push([letter, all[i + 1] ?? letter]);
      return pairs;
    },
    [],
  ),
);
// Left as they are: {{placeholders}}, $t(references), <tags>.
const KEPT = /(\{\{[^}]*\}\}|\$t\([^)]*\)|<[^>]*>)/;

export function stretch(text: string): string {
  const accented = text
    .split(KEPT)
    .map((part) => (KEPT.test(part) ? part : part.replace(/[a-zA-Z]/g, (c) => LETTERS[c] ?? c)))
    .join("");
  return `[${accented}${" ·".repeat(Math.ceil(text.length / 8))}]`;
}

export function pseudo(words: Words): Words {
  return Object.fromEntries(
    Object.entries(words).map(([key, value]) => [
      key,
      typeof value === "string" ? stretch(value) : pseudo(value),
    ]),
  );
}
