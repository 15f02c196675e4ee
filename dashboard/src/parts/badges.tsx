/** Mode and stage: the same everywhere, told by shape and word before colour. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

export type Mode = "paper" | "testnet" | "live";
export type Stage = "DISCOVERY" | "VALIDATION" | "MATURE" | "WATCH" | "DECAYED" | "RETIRED";
export const MODES: readonly Mode[] = ["live", "testnet", "paper"];
export const STAGES: readonly Stage[] = [
  "DISCOVERY",
  "VALIDATION",
  "MATURE",
  "WATCH",
  "DECAYED",
  "RETIRED",
];

/** PAPER dashed, TESTNET hatched, LIVE solid. Modes are words of the product, in every language. */
export function ModeBadge({ mode, small = false }: { mode: Mode; small?: boolean }) {
  return <span className={`mode ${mode} ${small ? "sm" : ""}`}>{mode.toUpperCase()}</span>;
}

const stroke = { fill: "none", stroke: "currentColor" };
const GLYPHS: Record<Stage, ReactNode> = {
  DISCOVERY: <circle cx="6" cy="6" r="4.600" {...stroke} strokeWidth="1.600" />,
  VALIDATION: (
    <>
      <circle cx="6" cy="6" r="4.600" {...stroke} strokeWidth="1.600" />
      <path d="M6 1.400a4.600 4.600 0 0 1 0 9.200z" fill="currentColor" />
    </>
  ),
  MATURE: <circle cx="6" cy="6" r="5.300" fill="currentColor" />,
  WATCH: (
    <>
      <path d="M6 1.200 11.300 10.600H.7z" {...stroke} strokeWidth="1.600" strokeLinejoin="round" />
      <path d="M6 4.800v2.600" {...stroke} strokeWidth="1.500" strokeLinecap="round" />
    </>
  ),
  DECAYED: (
    <path
      d="m2.200 2.200 7.600 7.600M9.800 2.200 2.200 9.800"
      {...stroke}
      strokeWidth="1.900"
      strokeLinecap="round"
    />
  ),
  RETIRED: <path d="M1.500 6h9" {...stroke} strokeWidth="2" strokeLinecap="round" />,
};

export function StageGlyph({ stage }: { stage: Stage }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      {GLYPHS[stage]}
    </svg>
  );
}

export function StageBadge({ stage }: { stage: Stage }) {
  return (
    <span className={`stage st-${stage.toLowerCase()}`}>
      <StageGlyph stage={stage} />
      {stage}
    </span>
  );
}

/** What a training said, never without its number of tries. */
export function VerdictBadge(props: { stage: Stage; verdict: string; tries: number | string }) {
  const { t } = useTranslation("parts");
  return (
    <span className={`stage st-${props.stage.toLowerCase()}`}>
      <StageGlyph stage={props.stage} />
      {props.verdict}
      <span className="chip">{t("tries", { count: Number(props.tries), n: props.tries })}</span>
    </span>
  );
}
