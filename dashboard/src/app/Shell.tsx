/** The frame around every page. Focus: skip link, strip, rail, title, content. */
import { Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Confirmation } from "@/parts/confirm";
import { Toasts } from "@/parts/Toasts";
import { Announcer } from "./Announcer";
import { ErrorBanner } from "./ErrorBanner";
import { FirstVisit } from "./FirstVisit";
import { FrameKeys } from "./FrameKeys";
import { HelpDialog } from "./HelpDialog";
import { KillDialog } from "./KillDialog";
import { LookDialog } from "./LookDialog";
import { useLook } from "./look";
import { Palette } from "./Palette";
import { MoreDialog, PhoneBar } from "./PhoneBar";
import { pageAt } from "./pages";
import { Rail } from "./Rail";
import { StreamBanner } from "./StreamBanner";
import { Strip } from "./Strip";
import { useScope } from "./scope";

export function Shell() {
  const { t } = useTranslation("frame");
  const { pathname } = useLocation();
  const { mode } = useScope();
  const isFolded = useLook((look) => look.railFolded);
  const page = pageAt(pathname);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);

  // biome-ignore lint/correctness/useExhaustiveDependencies: on every navigation, to the new title
  useEffect(() => {
    document.title = page ? `${t(`pages.${page.id}`)} · TradePulse` : "TradePulse";
    if (isFirst.current) isFirst.current = false;
    else (main.current?.querySelector<HTMLElement>("h1") ?? main.current)?.focus();
  }, [pathname]);

  return (
    <>
      <a className="skip" href="#content">
        {t("skip")}
      </a>
      <div className={`edge ${mode}`} />
      <div className={`app ${isFolded ? "folded" : ""}`}>
        <Rail current={page?.id} />
        <div className="min-w-0">
          <Strip />
          <StreamBanner />
          <ErrorBanner />
          <main id="content" ref={main} tabIndex={-1}>
            <Outlet />
          </main>
        </div>
      </div>
      <PhoneBar current={page?.id} />
      <FrameKeys />
      <Palette />
      <HelpDialog />
      <LookDialog />
      <MoreDialog />
      <KillDialog />
      <Confirmation />
      <Toasts />
      <Announcer />
      <FirstVisit />
    </>
  );
}
