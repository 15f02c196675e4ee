import { useTranslation } from "react-i18next";
import { Dialog } from "@/parts/Dialog";

export function CancelDialog({ onClose, onYes }: { onClose: () => void; onYes: () => void }) {
  const { t } = useTranslation("studio");
  return (
    <Dialog open onClose={onClose} title={t("run.cancelTitle")}>
      <p className="t2">{t("run.cancelText")}</p>
      <div className="acts">
        <button type="button" className="btn" onClick={onClose}>
          {t("run.keep")}
        </button>
        <button type="button" className="btn primary" onClick={onYes}>
          {t("run.wishes.cancel")}
        </button>
      </div>
    </Dialog>
  );
}
