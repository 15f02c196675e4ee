import { SHAPES } from "./iconShapes";

export type IconName = keyof typeof SHAPES;

type Props = { name: IconName; size?: "xs" | "s" | ""; className?: string; label?: string };

/** Without a `label` an icon is decoration. */
export function Icon({ name, size = "", className = "", label }: Props) {
  const named =
    label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  return (
    <svg className={`ic ${size} ${className}`} viewBox="0 0 16 16" {...named}>
      {SHAPES[name]}
    </svg>
  );
}

/** ▲ or ▼ of a result, or of a side; nothing for none. */
export function Arrow({ up, size = 9 }: { up: boolean; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 10 10" aria-hidden="true">
      <path d={up ? "M5 1.500 9.300 8.500H.7z" : "M.7 1.500h8.600L5 8.500z"} fill="currentColor" />
    </svg>
  );
}

/** The sign of the house. */
export function Pulse() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path
        d="M1.500 11.500h3.700L8 4.500l4 11 2.300-6h4.200"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
