/** Tables for spreadsheets: comma, CRLF, quotes where they are needed (RFC 4180). */
export type CsvColumn<T> = { head: string; value: (row: T) => string | number | null | undefined };

/** Text that a spreadsheet would take for a formula is led by an apostrophe; numbers stay numbers. */
function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const isNumber = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv<T>(columns: CsvColumn<T>[], rows: T[]): string {
  const lines = [
    columns.map((column) => column.head),
    ...rows.map((row) => columns.map((c) => c.value(row))),
  ];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** Hands `text` to the browser as a file. */
export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after the click: freed at once, there would be no file.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
