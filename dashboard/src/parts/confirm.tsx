/**
 * Confirmation by mode: paper asks nothing, testnet asks once, live wants the name typed.
 * `if (await confirm({…})) command.mutate(…)`
 */
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { type Mode, ModeBadge } from "./badges";
import { Dialog } from "./Dialog";
import { Typed } from "./Typed";

export type Question = {
  mode: Mode;
  title: string;
  /** The name to type before real money moves. */
  name: string;
  /** The verb with its object, on the button. */
  verb: string;
  /** What the user should know before saying yes. */
  facts?: [string, ReactNode][];
  text?: ReactNode;
  /** Ask on paper too: for what cannot be taken back there either. */
  always?: boolean;
};

const useQuestion = create<{ asked: (Question & { answer: (yes: boolean) => void }) | null }>(
  () => ({ asked: null }),
);

export function confirm(question: Question): Promise<boolean> {
  if (question.mode === "paper" && !question.always) return Promise.resolve(true);
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      useQuestion.setState({ asked: null });
      resolve(yes);
    };
    useQuestion.setState({ asked: { ...question, answer } });
  });
}

/** Stands once in the frame and asks what `confirm` was called with. */
export function Confirmation() {
  const asked = useQuestion((state) => state.asked);
  if (asked === null) return null;
  return <Asked key={asked.title} {...asked} />;
}

function Asked(props: Question & { answer: (yes: boolean) => void }) {
  const { t } = useTranslation("frame");
  const [typed, setTyped] = useState("");
  const isLive = props.mode === "live";
  return (
    <Dialog
      open
      onClose={() => props.answer(false)}
      badge={<ModeBadge mode={props.mode} />}
      title={props.title}
    >
      {props.text && <p className="t2">{props.text}</p>}
      {props.facts && (
        <dl className="kv">
          {props.facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <form
        className="contents"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isLive || typed === props.name) props.answer(true);
        }}
      >
        {isLive && <Typed word={props.name} value={typed} onChange={setTyped} />}
        <div className="acts">
          <button type="button" className="btn" onClick={() => props.answer(false)}>
            {t("cancel")}
          </button>
          <button
            type="submit"
            className={`btn ${isLive ? "lv" : "primary"}`}
            disabled={isLive && typed !== props.name}
          >
            {props.verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
