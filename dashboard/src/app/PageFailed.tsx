import { useTranslation } from "react-i18next";
import { Icon } from "@/parts/Icon";

/** A page whose own code failed: says that trading does not depend on it. */
export function PageFailed({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTranslation("frame");
  return (
    <section className="panel iser" role="alert">
      <div className="body ctr" style={{ paddingTop: 12 }}>
        <p className="row crit md">
          <Icon name="warn" />
          {t("pageFailed.title")}
        </p>
        <p className="t2">{t("pageFailed.text")}</p>
        <div className="row">
          <button type="button" className="btn" onClick={reset}>
            {t("tryAgain")}
          </button>
          <span className="mono t3">{error instanceof Error ? error.message : String(error)}</span>
        </div>
      </div>
    </section>
  );
}
