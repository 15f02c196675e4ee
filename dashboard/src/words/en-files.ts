/** Every file of this folder's language, by its name. */
type Words = { [key: string]: string | Words };

const files = import.meta.glob<Words>("./en/*.json", { eager: true, import: "default" });

export default Object.fromEntries(
  Object.entries(files).map(([path, words]) => [path.replace(/^.*\/|\.json$/g, ""), words]),
);
