import type { ReactNode } from "react";

type Props<T extends string> = {
  label: string;
  value: T;
  options: { value: T; label: ReactNode; name?: string }[];
  onChange: (value: T) => void;
  fill?: boolean;
  className?: string;
};

/** A row of buttons of which one is pressed. */
export function Segments<T extends string>(props: Props<T>) {
  return (
    <div
      className={`seg ${props.fill ? "fill" : ""} ${props.className ?? ""}`}
      role="group"
      aria-label={props.label}
    >
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === props.value}
          aria-label={option.name}
          onClick={() => props.onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
