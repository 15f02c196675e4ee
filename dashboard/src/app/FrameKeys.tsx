/** The keys of the frame itself: palette, help, kill switch, G and a page, the rail, the theme. */
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { type Keys, useKeys } from "./keys";
import { nextTheme, useLook } from "./look";
import { open } from "./open";
import { pages } from "./pages";
import { may, useSession } from "./session";

const AFTER_G_MS = 1_500;

export function FrameKeys() {
  const navigate = useNavigate();
  const user = useSession((session) => session.user);
  const pressedG = useRef(0);
  const keys: Keys = {
    "ctrl+k": () => open("palette"),
    "ctrl+shift+k": () => may(user, "operator") && open("kill"),
    "?": () => open("help"),
    "/": () => document.querySelector<HTMLElement>("main [data-filter]")?.focus(),
    "[": () => useLook.setState((look) => ({ railFolded: !look.railFolded })),
    "alt+t": nextTheme,
    g: () => {
      pressedG.current = Date.now();
    },
  };
  // A page's key acts only right behind G; otherwise the page on screen may have it for itself.
  for (const { key, path, role } of pages) {
    if (key === undefined) continue;
    keys[key] = () => {
      if (Date.now() - pressedG.current > AFTER_G_MS || !may(user, role ?? "viewer")) return false;
      pressedG.current = 0;
      void navigate({ to: path });
      return true;
    };
  }
  useKeys(keys);
  return null;
}
