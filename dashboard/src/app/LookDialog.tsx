/** How this browser shows things, and leaving. */
import { useTranslation } from "react-i18next";
import { Dialog } from "@/parts/Dialog";
import { Segments } from "@/parts/Segments";
import { LANGUAGES } from "@/words";
import { type Look, useLook } from "./look";
import { close, useOpen } from "./open";
import { logout, useSession } from "./session";

const NAMES = { en: "English", de: "Deutsch", "en-XA": "en-XA" } as const;

export function LookDialog() {
  const { t } = useTranslation("frame");
  const isOpen = useOpen((state) => state.window === "look");
  const session = useSession();
  const look = useLook();

  const choice = <K extends keyof Look>(name: K, values: readonly (Look[K] & string)[]) => (
    <div className="row">
      <span className="t2 grow">{t(`look.${name}`)}</span>
      <Segments
        label={t(`look.${name}`)}
        value={look[name] as Look[K] & string}
        options={values.map((value) => ({
          value,
          label: name === "language" ? NAMES[value as keyof typeof NAMES] : t(`look.${value}`),
        }))}
        onChange={(value) => useLook.setState({ [name]: value })}
      />
    </div>
  );
  return (
    <Dialog open={isOpen} onClose={close} title={t("look.title")}>
      {choice("theme", ["system", "dark", "light"])}
      {choice("density", ["normal", "compact"])}
      {choice("language", LANGUAGES)}
      {choice("zone", ["utc", "local"])}
      {session.user && (
        <div className="row border-t border-border pt-3">
          <span className="t2 grow">
            {session.user.username}, {t(`roles.${session.user.role}`)}
          </span>
          <button
            type="button"
            className="btn"
            onClick={() => {
              close();
              void logout();
            }}
          >
            {t("logout")}
          </button>
        </div>
      )}
    </Dialog>
  );
}
