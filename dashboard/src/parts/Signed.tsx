import { type Amount, MISSING, signedMoney, tone } from "@/format";

/** A result in its colour, with its sign. `write` formats it; money by default. */
export function Signed(props: {
  value: Amount;
  write?: (value: Amount) => string;
  digits?: number;
}) {
  const text = (props.write ?? signedMoney)(props.value);
  const colour = text === MISSING ? "t3" : tone(props.value, props.digits ?? 2);
  return <span className={colour}>{text}</span>;
}
