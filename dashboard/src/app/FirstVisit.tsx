import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { meetFirstSteps, useFirstSteps } from "./firstSteps";

/** Leads somebody who comes to the overview for the first time, with nothing on it, to the first steps. */
export function FirstVisit() {
  const { userId, isNew, isMet, isDismissed } = useFirstSteps();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const isDue = isNew && !isMet && !isDismissed && pathname === "/";
  useEffect(() => {
    if (!isDue) return;
    meetFirstSteps(userId);
    void navigate({ to: "/welcome", replace: true });
  }, [isDue, navigate, userId]);
  return null;
}
