import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/parts/Dialog";
import { Icon } from "@/parts/Icon";
import { close, open, useOpen } from "./open";
import { type PageId, pages } from "./pages";
import { may, useSession } from "./session";

const FIRST: readonly PageId[] = ["overview", "markets", "trading", "risk"];

/** On a phone: four pages and everything else. */
export function PhoneBar({ current }: { current: PageId | undefined }) {
  const { t } = useTranslation("frame");
  return (
    <nav className="bar" aria-label={t("rail.phone")}>
      {pages
        .filter((page) => FIRST.includes(page.id))
        .map(({ id, path, icon }) => (
          <Link
            key={id}
            to={path}
            aria-current={id === current ? "page" : undefined}
            activeProps={{}}
          >
            <Icon name={icon} />
            {t(`pages.${id}`)}
          </Link>
        ))}
      <button type="button" onClick={() => open("more")}>
        <Icon name="more" />
        {t("rail.more")}
      </button>
    </nav>
  );
}

export function MoreDialog() {
  const { t } = useTranslation("frame");
  const isOpen = useOpen((state) => state.window === "more");
  const user = useSession((session) => session.user);
  return (
    <Dialog open={isOpen} onClose={close} title={t("rail.more")}>
      <nav aria-label={t("rail.more")} className="grid gap-1">
        {pages
          .filter((p) => !FIRST.includes(p.id) && p.group !== null && may(user, p.role ?? "viewer"))
          .map(({ id, path, icon }) => (
            <Link key={id} to={path} className="btn ghost justify-start" onClick={close}>
              <Icon name={icon} />
              {t(`pages.${id}`)}
            </Link>
          ))}
        <button type="button" className="btn ghost justify-start" onClick={() => open("look")}>
          <Icon name="sun" />
          {t("look.title")}
        </button>
      </nav>
    </Dialog>
  );
}
